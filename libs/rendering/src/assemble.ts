import { PermanentError } from '@mosaicme/errors';
import { assembleChunks } from '@mosaicme/jpeg';
import type { Recipe } from '@mosaicme/mosaic';
import type { TileSize } from '@mosaicme/tile-pack';
import type { TileSource } from './render';

/**
 * Draws a recipe as a JPEG, without decoding or encoding a pixel: the tiles' ready-made segments are
 * put in order. Load the size first.
 *
 * @param tileSize Side of a drawn tile; smaller than the recipe's for a preview.
 * @returns The JPEG in chunks.
 * @throws PermanentError `recipe.tile-gone` when a tile is not in the library any more.
 */
export function assembleRecipe(
  recipe: Recipe,
  library: TileSource,
  tileSize: TileSize = recipe.grid.tileSize as TileSize,
): Iterable<Uint8Array> {
  const { columns, rows } = recipe.grid;
  const indexes = indexesOf(recipe, library);
  return assembleChunks({
    profile: library.profile(tileSize),
    grid: { columns, rows, tileSize },
    tile: (column, row) => {
      const cell = row * columns + column;
      const shift = recipe.shifts.subarray(cell * 3, cell * 3 + 3);
      return {
        segments: library.segments(indexes[recipe.tiles[cell] ?? 0] ?? 0, tileSize),
        mirrored: recipe.mirrored[cell] === 1,
        shift: { y: shift[0] ?? 0, cb: shift[1] ?? 0, cr: shift[2] ?? 0 },
      };
    },
  });
}

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
