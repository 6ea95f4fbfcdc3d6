import { meanColour, type TileProfile, type TileSegments, type YccColour } from '@mosaicme/jpeg';
import { recipeCell, type Recipe } from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import type { CellIndex } from './cell-index';
import { assembledUnit } from './pyramid';

/** How far it looks for neighbours that still have their tile, in units. */
const farthest = 8;

const grey: YccColour = { y: 128, cb: 128, cr: 128 };

const means = new WeakMap<TileSegments, YccColour>();

/**
 * The colours of cells whose tiles are gone: the mean of the nearest cells around each that have theirs.
 * Every level and region takes the means of the smallest tiles, so that a cell has one colour everywhere.
 */
export async function neighbourColours(
  recipe: Recipe,
  index: CellIndex,
  tiles: TileReader,
  missing: readonly number[],
): Promise<Map<number, YccColour>> {
  const colours = new Map<number, YccColour>();
  let open = missing;
  for (let distance = 1; distance <= farthest && open.length > 0; distance *= 2) {
    const around = open.map((cell) => ({ cell, cells: index.neighbours(cell, distance) }));
    const ids = new Set(around.flatMap(({ cells }) => cells.map((cell) => tileIn(recipe, cell))));
    const { profile, get } = await tiles.read(ids, assembledUnit as 16);
    if (!profile) break;
    for (const { cell, cells } of around) {
      const found = cells.flatMap((other) => {
        const segments = get(tileIn(recipe, other));
        return segments ? [shiftedMean(recipe, other, segments, profile)] : [];
      });
      if (found.length > 0) colours.set(cell, meanOf(found));
    }
    open = open.filter((cell) => !colours.has(cell));
  }
  for (const cell of open) colours.set(cell, grey);
  return colours;
}

const tileIn = (recipe: Recipe, cell: number): string => recipe.tileIds[recipe.tiles[cell]!]!;

function shiftedMean(
  recipe: Recipe,
  cell: number,
  segments: TileSegments,
  profile: TileProfile,
): YccColour {
  let mean = means.get(segments);
  if (!mean) means.set(segments, (mean = meanColour(segments, profile)));
  const [y, cb, cr] = recipeCell(recipe, cell).shift;
  return { y: mean.y + y, cb: mean.cb + cb, cr: mean.cr + cr };
}

function meanOf(colours: readonly YccColour[]): YccColour {
  const mean = (component: keyof YccColour) =>
    colours.reduce((sum, colour) => sum + colour[component], 0) / colours.length;
  return { y: mean('y'), cb: mean('cb'), cr: mean('cr') };
}
