import { messageOf, PermanentError } from '@mosaicme/errors';
import { prepareTarget, type PreparedTarget } from '@mosaicme/imaging';
import { encodeRecipe, type GridOptions, type MatchOptions } from '@mosaicme/mosaic';
import { assembleRecipe, dotsPerInch, renderMosaic, type Rendering } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import type { TileSize } from '@mosaicme/tile-pack';
import { constants, createWriteStream } from 'node:fs';
import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
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
 * Reads the photo to rebuild.
 * @throws PermanentError `make.photo` when the file cannot be read, `image.*` when it is no usable photo.
 */
export async function readPhoto(photo: string): Promise<PreparedTarget> {
  let bytes;
  try {
    bytes = await readFile(photo);
  } catch (cause) {
    throw new PermanentError(
      'make.photo',
      `The photo ${photo} cannot be read (${messageOf(cause)}); give the file to rebuild.`,
      { cause },
    );
  }
  return prepareTarget(bytes);
}

/**
 * Is there a place for the picture?
 * @throws PermanentError `make.out`
 */
export async function checkOut(out: string): Promise<void> {
  const refuse = (problem: string, cause?: unknown) =>
    new PermanentError(
      'make.out',
      `The mosaic cannot be written to ${out} (${problem}); give a file in a folder that exists with --out FILE.`,
      { cause },
    );
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory()) throw refuse('it is a folder');
  try {
    await access(dirname(out), constants.W_OK);
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
}

/**
 * Makes a mosaic of a photo with no services at all. The picture appears under its name only when it is
 * whole.
 *
 * @throws PermanentError `mosaic.*` for grid, options and library.
 */
export async function makeMosaic(
  { jpeg, width, height }: PreparedTarget,
  index: FolderIndex,
  options: MakeOptions,
): Promise<Rendering> {
  const library = await openTileLibrary({ ...index, memoryBudgetBytes, logger: silentLogger });
  try {
    await library.load(options.tileSize);
    const rendering = await renderMosaic(jpeg, { width, height }, library, options);
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
