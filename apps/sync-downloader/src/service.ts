import type { SyncDownloaderConfig } from '@mosaicme/config';
import { defaultCampaign } from '@mosaicme/contracts';
import {
  createDecoderPool,
  localDecoder,
  measureImaging,
  type PhotoDecoder,
} from '@mosaicme/imaging';
import { assertConditionalWrites } from '@mosaicme/object-store';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { createAuthorStandings } from '@mosaicme/requests';
import { waitFor, type Logger, type RunningService } from '@mosaicme/service';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { createAddTile } from './add-tile';
import { createAppenders } from './appenders';
import { createPrepareRequest } from './prepare-request';

/** A ban or an opt-out holds after this time at the latest. */
const authorsMaxAgeMs = 1_000;

/**
 * The only app that decodes what strangers sent: it prepares the photos of requests for the engine and
 * turns raw photos into tile packs.
 */
export function startSyncDownloader(
  config: SyncDownloaderConfig,
  overrides: PipelineOverrides & {
    /** File of the bundled decoder; without it photos are decoded in this process. */
    readonly decoderProgram?: string;
  } = {},
): Promise<RunningService> {
  const { buckets, work, imaging, tiles } = config;

  return startPipelineApp('sync-downloader', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, onStop } = context;
      measureImaging(context.metrics);
      const decoder = openDecoder(overrides.decoderProgram, work.prefetch, logger);
      onStop('decoders', () => decoder.close());
      // Without conditional writes two processes could write over each other's list of packs.
      await waitFor('the object store', () => assertConditionalWrites(store, buckets.tiles), {
        logger,
        signal,
      });
      const appenders = createAppenders(store, {
        bucket: buckets.tiles,
        packSize: tiles.packSize,
        maxWaitMs: tiles.packWaitMs,
        nearDuplicateBits: tiles.nearDuplicateBits,
        logger,
      });
      onStop('tile appenders', () => appenders.close());
      await waitFor('the tile library', () => appenders.get(defaultCampaign), {
        logger,
        signal,
      });

      const { background } = imaging;
      const decodeSlot = pLimit(work.prefetch);
      await consumeWork(context, 'prepare', work.prefetch, {
        'mosaic.requested.v1': createPrepareRequest(
          context,
          decoder,
          imaging,
          { background },
          decodeSlot,
        ),
      });
      // A photo waits for its pack to fill, so a whole pack must be able to be in flight.
      await consumeWork(context, 'tiles', tiles.packSize + work.prefetch, {
        'photo.collected.v1': createAddTile(
          { ...context, authors: createAuthorStandings(context, { maxAgeMs: authorsMaxAgeMs }) },
          (library) => appenders.get(library),
          decoder,
          imaging,
          { background, crop: tiles.crop },
          decodeSlot,
        ),
      });
    },
  });
}

const openDecoder = (
  program: string | undefined,
  processes: number,
  logger: Logger,
): PhotoDecoder =>
  program === undefined
    ? localDecoder
    : createDecoderPool({
        program,
        processes: Math.min(processes, availableParallelism()),
        onCrash: (how) => logger.warn({ how }, 'a decoder crashed in the middle of a photo'),
      });
