import { PermanentError } from '@mosaicme/errors';
import { assembleChunks } from '@mosaicme/jpeg';
import { commonSpan, type Recipe } from '@mosaicme/mosaic';
import type { TileSize } from '@mosaicme/tile-pack';
import type { TileSource } from './render';

export interface AssembleOptions {
  /** Side of a unit in pixels; smaller than the recipe's for a preview. */
  readonly unit?: number | undefined;
  /** Pixels an inch to be written into the header, for printing; rounded. */
  readonly dpi?: number | undefined;
}

/**
 * Draws a recipe as a JPEG, without decoding or encoding a pixel: the tiles' ready-made segments are
 * put in order. Load the sizes first (`drawnSizes`).
 *
 * @returns The JPEG in chunks.
 * @throws PermanentError `recipe.tile-gone` when a tile is not in the library any more.
 */
export function assembleRecipe(
  recipe: Recipe,
  library: TileSource,
  { unit = recipe.layout.unit, dpi }: AssembleOptions = {},
): Iterable<Uint8Array<ArrayBuffer>> {
  const { layout } = recipe;
  const span = commonSpan(layout);
  if (span === undefined)
    throw new PermanentError('recipe.mixed-cells', 'Cells of several sizes cannot be drawn yet.');
  const tileSize = (span * unit) as TileSize;
  const columns = layout.columns / span;
  const rows = layout.rows / span;
  const indexes = indexesOf(recipe, library);
  const isShifted = recipe.shifts.some((level) => level !== 0);
  return assembleChunks({
    profile: library.profile(tileSize),
    grid: { columns, rows, tileSize },
    ...(dpi !== undefined && { density: densityOf(dpi) }),
    tile: (column, row) => {
      const cell = row * columns + column;
      const segments = library.segments(indexes[recipe.tiles[cell] ?? 0] ?? 0, tileSize);
      const mirrored = recipe.mirrored[cell] === 1;
      if (!isShifted) return { segments, mirrored };
      const [y = 0, cb = 0, cr = 0] = recipe.shifts.subarray(cell * 3, cell * 3 + 3);
      return { segments, mirrored, shift: { y, cb, cr } };
    },
  });
}

const densityOf = (dpi: number) =>
  ({ unit: 'inch', x: Math.round(dpi), y: Math.round(dpi) }) as const;

function indexesOf(recipe: Recipe, library: TileSource): number[] {
  return recipe.tileIds.map((id) => {
    const index = library.indexOf(id);
    if (index !== undefined) return index;
    throw new PermanentError(
      'recipe.tile-gone',
      `The tile '${id}' of this recipe is not in the library any more; render the mosaic anew.`,
    );
  });
}
