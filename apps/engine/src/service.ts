import type { EngineConfig } from '@mosaicme/config';
import { TransientError } from '@mosaicme/errors';
import { measureImaging } from '@mosaicme/imaging';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { waitFor, type RunningService } from '@mosaicme/service';
import { openTileLibrary, type TileLibrary } from '@mosaicme/tile-library';
import { renderOptions, tilesNeeded } from './render-options';
import { createRenderRequest } from './render-request';

/** How often it looks for tiles while there are too few, in milliseconds. */
const tilesPauseMs = 500;

/** A new photo is in the mosaics after this time; looking for each mosaic would cost more than it shows. */
const libraryMaxAgeMs = 1_000;

/** Rebuilds prepared photos out of tiles. Takes no work before the library has enough of them. */
export function startEngine(
  config: EngineConfig,
  overrides: PipelineOverrides = {},
): Promise<RunningService> {
  const { rendering, work, buckets } = config;
  const options = renderOptions(rendering);
  const needed = tilesNeeded(options, rendering.minTiles);

  return startPipelineApp('engine', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, metrics, onStop } = context;
      measureImaging(metrics);
      const library = await waitFor(
        'the tile library',
        () =>
          openTileLibrary({
            store,
            bucket: buckets.tiles,
            memoryBudgetBytes: rendering.memoryMb * 1_000_000,
            ...(rendering.cacheFolder !== undefined && { cacheFolder: rendering.cacheFolder }),
            logger,
            metrics,
          }),
        { logger, signal },
      );
      onStop('tile library', () => library.close());
      metrics.gauge('mosaicme_tiles', {}, () => library.size);
      metrics.gauge('mosaicme_tiles_needed', {}, () => needed);
      await waitFor('tiles', () => requireTiles(library, needed), {
        logger,
        signal,
        pauseMs: tilesPauseMs,
        maxPauseMs: tilesPauseMs,
      });
      await consumeWork(context, 'render', work.prefetch, {
        'mosaic.prepared.v1': createRenderRequest({ ...context, buckets }, library, {
          ...options,
          thumbnailWidth: rendering.thumbnailWidth,
          libraryMaxAgeMs,
        }),
      });
    },
  });
}

async function requireTiles(library: TileLibrary, needed: number): Promise<void> {
  await library.refresh();
  if (library.size >= needed) return;
  throw new TransientError(
    'engine.too-few-tiles',
    `the library has ${library.size} of the ${needed} tiles that MOSAIC_MIN_TILES, MOSAIC_REPEAT_DISTANCE ` +
      'and MOSAIC_MAX_USES ask for',
  );
}
