import { codeOf, isPermanent, PermanentError } from '@mosaicme/errors';
import {
  prepareTarget,
  type ImageLimits,
  type PreparedTarget,
  type TargetOptions,
} from '@mosaicme/imaging';
import { encodeRecipe, pictureSize, type GridOptions, type MatchOptions } from '@mosaicme/mosaic';
import {
  assembleRecipe,
  dotsPerInch,
  planOpenableGrid,
  renderedSizes,
  renderMosaic,
  type Rendering,
} from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import type { TileSize } from '@mosaicme/tile-pack';
import { constants } from 'node:fs';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import { availableMemory } from 'node:process';
import { dirname } from 'node:path';
import { fileProblem } from './file-problem';
import { folderImageLimits, reasonOf, type FolderIndex } from './index-folder';
import { checkOutputSize, type OutputFormat } from './outputs/formats';
import { checkEncoderMemory, writeMosaic, writeWhole } from './outputs/write';
import type { Progress } from './progress';

export interface MakeOptions {
  readonly grid: GridOptions;
  readonly tileSize: TileSize;
  readonly match: MatchOptions;
  readonly adaptive: boolean;
  readonly optimal: boolean | undefined;
  /** Where the picture goes. */
  readonly out: string;
  readonly format: OutputFormat;
  /** Pixels an inch of a PDF. */
  readonly dpi: number;
  /** Where the recipe goes, if anywhere. */
  readonly recipeOut?: string | undefined;
}

/** A mosaic that was made. */
export interface Made extends Rendering {
  /** How many small photos there were to choose from. */
  readonly tiles: number;
}

/** Tile packs of any folder that fits a laptop; what does not is read again from disk. */
export const memoryBudgetBytes = 1_500_000_000;

/**
 * Reads the photo to rebuild.
 * @throws PermanentError `make.photo` when the file cannot be read, `image.*` when it is no usable photo.
 */
export async function readPhoto(
  photo: string,
  limits: ImageLimits = folderImageLimits,
  options: TargetOptions = {},
): Promise<PreparedTarget> {
  let bytes;
  try {
    bytes = await readFile(photo);
  } catch (cause) {
    throw new PermanentError(
      'make.photo',
      `The photo ${photo} cannot be read (${fileProblem(cause)}); give the file to rebuild.`,
      { cause },
    );
  }
  try {
    return await prepareTarget(bytes, limits, options);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new PermanentError(codeOf(error), `The photo ${photo}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Can the format hold the mosaic?
 * @throws PermanentError `make.out-too-large`, `make.out-memory`, `mosaic.*` for the grid.
 */
export function checkSize(
  target: PreparedTarget,
  { format, grid, tileSize }: Pick<MakeOptions, 'format' | 'grid' | 'tileSize'>,
): void {
  const { columns, rows } = planOpenableGrid(target, grid, tileSize);
  const size = { width: columns * tileSize, height: rows * tileSize };
  checkOutputSize(format, size);
  checkEncoderMemory(format, size, availableMemory());
}

/**
 * Can a file be written here?
 * @throws PermanentError `make.out`
 */
export async function checkPlace(file: string, what: string, flag: string): Promise<void> {
  const refuse = (problem: string, cause?: unknown) =>
    new PermanentError(
      'make.out',
      `The ${what} cannot be written to ${file} (${problem}); give a file in a folder that exists with ${flag} FILE.`,
      { cause },
    );
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw refuse('it is a folder');
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw refuse(fileProblem(cause), cause);
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
  options: MakeOptions & { readonly progress: Progress },
): Promise<Made> {
  const { progress, out, format, grid, recipeOut } = options;
  const library = await openTileLibrary({ ...index, memoryBudgetBytes, logger: silentLogger });
  try {
    progress.begin('Choosing tiles');
    for (const size of renderedSizes(options)) await library.load(size);
    const rendering = await renderMosaic(jpeg, { width, height }, library, options);
    const { recipe } = rendering;
    const dpi = format === 'pdf' ? options.dpi : dotsPerInch(grid);
    progress.begin(format === 'jpeg' ? 'Writing the picture' : `Encoding as ${format}`);
    const size = pictureSize(recipe.layout);
    await writeMosaic(assembleRecipe(recipe, library, { dpi }), { file: out, format, size, dpi });
    if (recipeOut !== undefined) {
      await writeWhole(recipeOut, (partial) => writeFile(partial, encodeRecipe(recipe)));
    }
    return { ...rendering, tiles: library.size };
  } finally {
    await library.close();
  }
}
