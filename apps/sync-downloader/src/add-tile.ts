import type { EventOf } from '@mosaicme/contracts';
import type { ImageLimits, PhotoDecoder, TileOptions } from '@mosaicme/imaging';
import { type HandlerContext, type PipelineContext } from '@mosaicme/pipeline';
import { writeRecord } from '@mosaicme/object-store';
import { failureRecordSchema } from '@mosaicme/requests';
import type { TileAppender } from '@mosaicme/tile-library';
import type { LimitFunction } from 'p-limit';

/**
 * Makes a tile of a raw photo. Resolves once the pack that holds it is stored and listed, so that the
 * message is acknowledged only then; many photos wait for one pack together.
 */
export function createAddTile(
  { store, keys }: Pick<PipelineContext, 'store' | 'keys'>,
  appenderOf: (library: string) => Promise<TileAppender>,
  decoder: Pick<PhotoDecoder, 'makeTile'>,
  limits: ImageLimits,
  options: TileOptions,
  decodeSlot: LimitFunction,
) {
  return async (
    event: EventOf<'photo.collected.v1'>,
    { logger }: HandlerContext,
  ): Promise<void> => {
    const { photo, object, library } = event.data;
    const { bytes } = await store.get(object);
    const images = await decodeSlot(() => decoder.makeTile(bytes, limits, options));
    const appender = await appenderOf(library);
    const outcome = await appender.add(photo, images);
    if (outcome === 'near-duplicate') {
      // Without this record the photo would be republished at every reconciliation.
      await writeRecord(store, keys.failureRecord(photo.id), failureRecordSchema, {
        id: photo.id,
        step: 'tiles',
        code: 'tile.near-duplicate',
        reason: 'The library has a photo that looks the same.',
        attempts: 1,
        failedAt: new Date().toISOString(),
      });
    }
    logger.debug({ outcome }, 'raw photo');
  };
}
