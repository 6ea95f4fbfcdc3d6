import { createEvent, type EventOf } from '@mosaicme/contracts';
import { prepareTarget, type ImageLimits } from '@mosaicme/imaging';
import type { HandlerContext, Limit, PipelineContext } from '@mosaicme/pipeline';

/** More pixels than this a side would not show in any mosaic. */
const maxTargetSide = 4_096;

/**
 * Takes the photo of a request: decodes, checks and normalises it for the engine. A request whose
 * answer is settled is passed over.
 */
export function createPrepareRequest(
  { app, store, keys, messaging }: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  limits: ImageLimits,
  decodeSlot: Limit,
) {
  return async (
    event: EventOf<'mosaic.requested.v1'>,
    { logger }: HandlerContext,
  ): Promise<void> => {
    const { request, object } = event.data;
    const { id } = request.photo;
    if (await store.head(keys.answerRecord(id))) {
      logger.info({}, 'this request was done before');
      return;
    }
    const { bytes } = await store.get(object);
    const { png, width, height } = await decodeSlot(() =>
      prepareTarget(bytes, limits, { maxSide: maxTargetSide }),
    );
    const target = keys.target(id);
    await store.put(target, png, { contentType: 'image/png' });
    await messaging.publish(
      createEvent(
        'mosaic.prepared.v1',
        { request, target, size: { width, height } },
        { app, subject: id, cause: event },
      ),
    );
  };
}
