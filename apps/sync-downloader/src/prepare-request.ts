import { createEvent, type EventOf, type ObjectRef } from '@mosaicme/contracts';
import type { ImageLimits, PhotoDecoder, TargetOptions } from '@mosaicme/imaging';
import { ObjectNotFound } from '@mosaicme/object-store';
import { isSettled } from '@mosaicme/requests';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import type { LimitFunction } from 'p-limit';

/**
 * Takes the photo of a request: decodes, checks and normalises it for the engine. A message that came
 * before is skipped when its request is done; one that came for the first time is not checked,
 * because that costs more than the rare second announcement of a request that is done.
 */
export function createPrepareRequest(
  { app, store, keys, messaging }: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  decoder: Pick<PhotoDecoder, 'prepareTarget'>,
  limits: ImageLimits,
  options: TargetOptions,
  decodeSlot: LimitFunction,
) {
  return async (
    event: EventOf<'mosaic.requested.v1'>,
    { logger, delivery }: HandlerContext,
  ): Promise<void> => {
    const { request, object, replaces } = event.data;
    const { id } = request;
    const mayBeDone = replaces === undefined && (delivery.redelivered || delivery.attempt > 1);
    if (mayBeDone && (await isSettled({ store, keys }, id))) {
      logger.info({}, 'this request was done before');
      return;
    }
    const bytes = await readPhoto(id, object);
    if (!bytes) {
      logger.info({}, 'skipped: this request is settled');
      return;
    }
    const { jpeg, width, height } = await decodeSlot(() =>
      decoder.prepareTarget(bytes, limits, options),
    );
    const target = keys.target(id);
    await store.put(target, jpeg, { contentType: 'image/jpeg' });
    await messaging.publish(
      createEvent(
        'mosaic.prepared.v1',
        { request, target, size: { width, height }, ...(replaces !== undefined && { replaces }) },
        { app, subject: id, cause: event },
      ),
    );
  };

  /** Undefined when it was deleted because its request, announced before, is settled. */
  async function readPhoto(id: string, object: ObjectRef): Promise<Uint8Array | undefined> {
    try {
      return (await store.get(object)).bytes;
    } catch (error) {
      if (error instanceof ObjectNotFound && (await isSettled({ store, keys }, id))) {
        return undefined;
      }
      throw error;
    }
  }
}
