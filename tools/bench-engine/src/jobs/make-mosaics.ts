import { createFolderStore } from '@mosaicme/object-store';
import { defaultMatchOptions } from '@mosaicme/mosaic';
import { assembleRecipe, renderMosaic } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import type { TileSize } from '@mosaicme/tile-pack';
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { indexBucket } from '../index-bucket';
import { repeat, type Measured } from './measure';

/** Memory for tile packs, as ENGINE_MEMORY_MB has it by default. */
const memoryBudgetBytes = 256_000_000;

export interface MosaicWork {
  /** Folder of an index that `mosaicme index` wrote. */
  readonly index: string;
  readonly target: string;
  readonly columns: number;
  readonly rows: number;
  readonly tile: TileSize;
  readonly mirror: boolean;
  /** Most levels of colour shift. */
  readonly shift: number;
  readonly times: number;
  /** The JPEG to write. */
  readonly out: string;
}

/** Target bytes in, whole JPEG out, over a warm library. */
export async function makeMosaics(work: MosaicWork): Promise<Measured> {
  const store = createFolderStore({ root: work.index });
  const library = await openTileLibrary({
    store,
    bucket: indexBucket,
    memoryBudgetBytes,
    logger: silentLogger,
  });
  await library.load(work.tile);
  const bytes = await readFile(work.target);
  const { width, height } = await sharp(bytes).metadata();
  const options = {
    grid: { columns: work.columns, rows: work.rows },
    tileSize: work.tile,
    match: { ...defaultMatchOptions, mirror: work.mirror, colourShift: work.shift },
  };
  const { seconds, cpuSeconds, last } = await repeat(work.times, async () => {
    const { recipe, statistics } = await renderMosaic(bytes, { width, height }, library, options);
    return { statistics, chunks: [...assembleRecipe(recipe, library)] };
  });
  await writeFile(work.out, last.chunks);
  await library.close();
  await store.close();
  const { distinctTiles, maxUses, minDistance } = last.statistics;
  return {
    seconds,
    figures: {
      cpuSeconds,
      distinctTiles,
      maxUses,
      ...(minDistance !== undefined && { minDistance }),
    },
  };
}
