import { PermanentError } from '@mosaicme/errors';
import { assembleCells, assembleChunks, type AssemblyCell, type PlacedCell } from '@mosaicme/jpeg';
import { commonSpan, type CellLayout, type Recipe } from '@mosaicme/mosaic';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import type { TileSource } from './render';

export interface AssembleOptions {
  /** Side of a unit in pixels; smaller than the recipe's for a preview. */
  readonly unit?: number | undefined;
  /** Pixels an inch to be written into the header, for printing; rounded. */
  readonly dpi?: number | undefined;
}

/**
 * The sizes of tiles that drawing a layout takes, largest first.
 *
 * @param unit Side of a unit in pixels.
 * @throws PermanentError `recipe.cell-size` when a cell would have a size in which no tile is kept.
 */
export function drawnSizes(layout: CellLayout, unit = layout.unit): readonly TileSize[] {
  const sides = [...new Set(layout.span)].map((span) => span * unit);
  const odd = sides.find((side) => !tileSizes.some((size) => size === side));
  if (odd !== undefined) {
    throw new PermanentError(
      'recipe.cell-size',
      `A cell would be ${odd} px wide, but tiles are kept at ${tileSizes.join(', ')} px: draw the ` +
        'recipe at another size.',
    );
  }
  return tileSizes.filter((size) => sides.includes(size));
}

/**
 * Draws a recipe as a JPEG, without decoding or encoding a pixel: the tiles' ready-made segments are
 * put in order. Load the sizes first (`drawnSizes`).
 *
 * @returns The JPEG in chunks.
 * @throws PermanentError `recipe.tile-gone` when a tile is not in the library any more,
 *   `recipe.cell-size`.
 */
export function assembleRecipe(
  recipe: Recipe,
  library: TileSource,
  { unit = recipe.layout.unit, dpi }: AssembleOptions = {},
): Iterable<Uint8Array<ArrayBuffer>> {
  const { layout } = recipe;
  const [largest = tileSizes[0]] = drawnSizes(layout, unit);
  const indexes = indexesOf(recipe, library);
  const isShifted = recipe.shifts.some((level) => level !== 0);
  const tileIn = (cell: number): AssemblyCell => {
    const size = ((layout.span[cell] ?? 0) * unit) as TileSize;
    const segments = library.segments(indexes[recipe.tiles[cell] ?? 0] ?? 0, size);
    const mirrored = recipe.mirrored[cell] === 1;
    if (!isShifted) return { segments, mirrored };
    const [y = 0, cb = 0, cr = 0] = recipe.shifts.subarray(cell * 3, cell * 3 + 3);
    return { segments, mirrored, shift: { y, cb, cr } };
  };
  const common = {
    profile: library.profile(largest),
    ...(dpi !== undefined && { density: densityOf(dpi) }),
  };
  const span = commonSpan(layout);
  if (span === layout.largestSpan) {
    // Equal cells lie row by row, and their segments can be copied as they are.
    const [columns, rows] = [layout.columns / span, layout.rows / span];
    return assembleChunks({
      ...common,
      grid: { columns, rows, tileSize: span * unit },
      tile: (column, row) => tileIn(row * columns + column),
    });
  }
  return assembleCells({
    ...common,
    width: layout.columns * unit,
    height: layout.rows * unit,
    bandHeight: layout.largestSpan * unit,
    cells: placedCells(layout, unit, tileIn),
  });
}

function* placedCells(
  { count, left, top }: CellLayout,
  unit: number,
  tileIn: (cell: number) => AssemblyCell,
): Generator<PlacedCell> {
  for (let cell = 0; cell < count; cell++) {
    yield { left: (left[cell] ?? 0) * unit, top: (top[cell] ?? 0) * unit, ...tileIn(cell) };
  }
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
