import type { EngineConfig } from '@mosaicme/config';
import { TransientError } from '@mosaicme/errors';
import { defaultMatchOptions } from '@mosaicme/mosaic';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import type { RenderOptions } from '@mosaicme/rendering';
import { waitFor, type RunningService } from '@mosaicme/service';
import { openTileLibrary, type TileLibrary } from '@mosaicme/tile-library';
import { createRenderRequest } from './render-request';

/** How often it looks for tiles while there are too few, in milliseconds. */
const tilesPauseMs = 500;

/** Rebuilds prepared photos out of tiles. Takes no work before the library has enough of them. */
export function startEngine(
  config: EngineConfig,
  overrides: PipelineOverrides = {},
): Promise<RunningService> {
  const { rendering, work, buckets } = config;

  return startPipelineApp('engine', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, onStop } = context;
      const library = await waitFor(
        'the tile library',
        () =>
          openTileLibrary({
            store,
            bucket: buckets.tiles,
            memoryBudgetBytes: rendering.memoryMb * 1_000_000,
            ...(rendering.cacheFolder !== undefined && { cacheFolder: rendering.cacheFolder }),
            logger,
          }),
        { logger, signal },
      );
      onStop('tile library', () => library.close());
      await waitFor('tiles', () => requireTiles(library, rendering.minTiles), {
        logger,
        signal,
        pauseMs: tilesPauseMs,
        maxPauseMs: tilesPauseMs,
      });
      await consumeWork(context, 'engine', work.prefetch, {
        'mosaic.prepared.v1': createRenderRequest(context, library, {
          ...renderOptions(rendering),
          thumbnailWidth: rendering.thumbnailWidth,
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
    `the library has ${library.size} of the ${needed} tiles that MOSAIC_MIN_TILES asks for`,
  );
}

function renderOptions(rendering: EngineConfig['rendering']): RenderOptions {
  return {
    grid: { cells: rendering.cells },
    tileSize: rendering.tileSize,
    match: {
      ...defaultMatchOptions,
      colourShift: rendering.colourShift,
      repeatDistance: rendering.repeatDistance,
      mirror: rendering.mirror,
    },
  };
}
