import { createEvent, type EventOf } from '@mosaicme/contracts';
import { prepareTarget, type ImageLimits } from '@mosaicme/imaging';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import type { LimitFunction } from 'p-limit';

/** More pixels than this a side would not show in any mosaic. */
const maxTargetSide = 4_096;

/**
 * Takes the photo of a request: decodes, checks and normalises it for the engine. A message that came
 * before is passed over when its request is done; one that came for the first time is not checked,
 * because that costs more than the rare second announcement of a request that is done.
 */
export function createPrepareRequest(
  { app, store, keys, messaging }: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  limits: ImageLimits,
  decodeSlot: LimitFunction,
) {
  return async (
    event: EventOf<'mosaic.requested.v1'>,
    { logger, delivery }: HandlerContext,
  ): Promise<void> => {
    const { request, object } = event.data;
    const { id } = request.photo;
    const mayBeDone = delivery.redelivered || delivery.attempt > 1;
    if (mayBeDone && (await store.head(keys.answerRecord(id)))) {
      logger.info({}, 'this request was done before');
      return;
    }
    const { bytes } = await store.get(object);
    const { jpeg, width, height } = await decodeSlot(() =>
      prepareTarget(bytes, limits, { maxSide: maxTargetSide }),
    );
    const target = keys.target(id);
    await store.put(target, jpeg, { contentType: 'image/jpeg' });
    await messaging.publish(
      createEvent(
        'mosaic.prepared.v1',
        { request, target, size: { width, height } },
        { app, subject: id, cause: event },
      ),
    );
  };
}
