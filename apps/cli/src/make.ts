import { prepareTarget } from '@mosaicme/imaging';
import { encodeRecipe, type GridOptions, type MatchOptions } from '@mosaicme/mosaic';
import { assembleRecipe, dotsPerInch, renderMosaic, type Rendering } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import type { TileSize } from '@mosaicme/tile-pack';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FolderIndex } from './index-folder';

export interface MakeOptions {
  readonly grid: GridOptions;
  readonly tileSize: TileSize;
  readonly match: MatchOptions;
  readonly optimal: boolean;
  /** Where the picture goes. */
  readonly out: string;
  /** Where the recipe goes, if anywhere. */
  readonly recipeOut?: string | undefined;
}

/** Tile packs of any folder that fits a laptop; what does not is read again from disk. */
const memoryBudgetBytes = 1_500_000_000;

/**
 * Makes a mosaic of a photo with no services at all. The picture appears under its name only when it is
 * whole.
 *
 * @throws PermanentError `image.*` for the photo, `mosaic.*` for grid, options and library.
 */
export async function makeMosaic(
  photo: string,
  index: FolderIndex,
  options: MakeOptions,
): Promise<Rendering> {
  const { png, width, height } = await prepareTarget(await readFile(photo));
  const library = await openTileLibrary({ ...index, memoryBudgetBytes, logger: silentLogger });
  try {
    await library.load(options.tileSize);
    const rendering = await renderMosaic(png, { width, height }, library, options);
    const partial = `${options.out}.partial`;
    try {
      await pipeline(
        Readable.from(
          assembleRecipe(rendering.recipe, library, { dpi: dotsPerInch(options.grid) }),
        ),
        createWriteStream(partial),
      );
      await rename(partial, options.out);
    } finally {
      await rm(partial, { force: true });
    }
    if (options.recipeOut) await writeFile(options.recipeOut, encodeRecipe(rendering.recipe));
    return rendering;
  } finally {
    await library.close();
  }
}
