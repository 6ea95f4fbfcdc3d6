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

/** Mosaics after which V8 has compiled what matters. */
const warmUp = 30;

/** The engine with nothing around it: in this process, on the tiles of a pipeline. */
export interface EngineAlone {
  /** Matching, assembly and thumbnail, one mosaic after the other. @returns Seconds for one mosaic. */
  measure(count: number): Promise<number>;
  close(): Promise<void>;
}

/** Loads the tiles and warms up, so that `measure` measures nothing else. */
export async function openEngineAlone(
  store: ObjectStore,
  bucket: string,
  photos: readonly Buffer[],
): Promise<EngineAlone> {
  const { cells, tileSize, repeatDistance, thumbnailWidth } = mosaic;
  const library = await openTileLibrary({
    store,
    bucket,
    memoryBudgetBytes: 256_000_000,
    logger: silentLogger,
  });
  await library.load(tileSize);
  const tiles = library.snapshot();
  const targets = await Promise.all(photos.map((photo) => prepareTarget(photo)));
  const match = { ...defaultMatchOptions, colourShift: 24, repeatDistance, mirror: false };
  const renderAll = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const target = targets[index % targets.length]!;
      const { recipe } = await renderMosaic(target.jpeg, target, tiles, {
        grid: { cells },
        tileSize,
        match,
      });
      for (const _ of assembleRecipe(recipe, tiles));
      await renderThumbnail(recipe, tiles, thumbnailWidth);
    }
  };
  await renderAll(warmUp);
  return {
    async measure(count) {
      const startedAt = performance.now();
      await renderAll(count);
      return (performance.now() - startedAt) / count / 1_000;
    },
    close: () => library.close(),
  };
}
