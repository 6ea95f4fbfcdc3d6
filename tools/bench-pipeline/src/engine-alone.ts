import { defaultMatchOptions } from '@mosaicme/mosaic';
import { prepareTarget } from '@mosaicme/imaging';
import { assembleRecipe, renderMosaic, renderThumbnail } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import type { ObjectStore } from '@mosaicme/object-store';
import { openTileLibrary } from '@mosaicme/tile-library';

/** What the bench's mosaics are. */
export const mosaic = {
  cells: 50,
  tileSize: 32,
  repeatDistance: 2,
  thumbnailWidth: 600,
} as const;

const limits = { maxBytes: 2e7, maxPixels: 5e7, maxFrames: 1, minSide: 32, maxSeconds: 20 };

/**
 * How fast the engine is with nothing around it: matching, assembly and thumbnail, one mosaic after the
 * other in this process, on the tiles of a pipeline.
 *
 * @returns Seconds for one mosaic.
 */
export async function measureEngineAlone(
  store: ObjectStore,
  bucket: string,
  photos: readonly Buffer[],
  count: number,
): Promise<number> {
  const { cells, tileSize, repeatDistance, thumbnailWidth } = mosaic;
  const library = await openTileLibrary({
    store,
    bucket,
    memoryBudgetBytes: 256_000_000,
    logger: silentLogger,
  });
  try {
    await library.load(tileSize);
    const tiles = library.snapshot();
    const targets = await Promise.all(
      photos.map((photo) => prepareTarget(photo, limits, { maxSide: 4_096 })),
    );
    const match = { ...defaultMatchOptions, colourShift: 24, repeatDistance, mirror: false };
    const once = async (index: number): Promise<void> => {
      const target = targets[index % targets.length]!;
      const { recipe } = await renderMosaic(target.jpeg, target, tiles, {
        grid: { cells },
        tileSize,
        match,
      });
      for (const _ of assembleRecipe(recipe, tiles));
      await renderThumbnail(recipe, tiles, thumbnailWidth);
    };
    // The compiler's warm-up is not what is measured.
    for (let index = 0; index < 5; index++) await once(index);
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) await once(index);
    return (performance.now() - startedAt) / count / 1_000;
  } finally {
    await library.close();
  }
}
