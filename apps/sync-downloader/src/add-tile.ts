import type { EventOf, Photo } from '@mosaicme/contracts';
import type { ImageLimits, PhotoDecoder, TileOptions } from '@mosaicme/imaging';
import { type HandlerContext, type PipelineContext } from '@mosaicme/pipeline';
import { writeRecord } from '@mosaicme/object-store';
import {
  failureRecordSchema,
  mayUseTile,
  readDecisions,
  standingOf,
  type AuthorStandings,
  type Verdict,
} from '@mosaicme/requests';
import type { TileAppender } from '@mosaicme/tile-library';
import type { LimitFunction } from 'p-limit';

export interface AddTilePorts extends Pick<PipelineContext, 'store' | 'keys'> {
  readonly authors: AuthorStandings;
}

/**
 * Makes a tile of a raw photo, unless it was held, rejected or withdrawn. Resolves once the pack that holds it is stored and listed, so that the
 * message is acknowledged only then; many photos wait for one pack together.
 */
export function createAddTile(
  { store, keys, authors }: AddTilePorts,
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
    const verdict = await judge(photo);
    if (!verdict.allowed) {
      logger.info({ because: verdict.because }, 'skipped: this photo may not be a tile');
      return;
    }
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

  async function judge(photo: Photo): Promise<Verdict> {
    const [decisions, author] = await Promise.all([
      readDecisions({ store, keys }, photo.id),
      authors.of(photo),
    ]);
    // Campaigns moderate their mosaics; a library is shared.
    return mayUseTile({ standing: standingOf(decisions), author, moderation: 'open' });
  }
}
