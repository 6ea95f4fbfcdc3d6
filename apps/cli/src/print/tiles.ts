import { PermanentError } from '@mosaicme/errors';
import { assembleChunks } from '@mosaicme/jpeg';
import { recipeCell, type CellLayout, type Recipe } from '@mosaicme/mosaic';
import { assembleRecipe, drawnSizes } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary, type TileLibrary } from '@mosaicme/tile-library';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import type { FolderIndex } from '../index-folder';
import { memoryBudgetBytes } from '../make';
import { concatenate } from '../outputs/write';

/** Draws what is printed: the whole mosaic, or single cells of it. */
export interface RecipeDrawer {
  readonly recipe: Recipe;
  /** The whole mosaic as JPEG. @param unit Side of a unit in pixels, one of `drawableUnits`. */
  whole(unit: number): Promise<Uint8Array>;
  /** One cell as JPEG of at least so many pixels a side, or of the largest size that there is. */
  cell(cell: number, pixels: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The sizes in pixels at which a unit can be drawn, largest first. */
export const drawableUnits = ({ span }: Pick<CellLayout, 'span'>): readonly number[] => {
  const spans = [...new Set(span)];
  return tileSizes.filter((unit) =>
    spans.every((side) => tileSizes.some((size) => size === side * unit)),
  );
};

/** The smallest size of tiles that has so many pixels a side, else the largest. */
export const tileSizeFor = (pixels: number): TileSize =>
  tileSizes.toReversed().find((size) => size >= pixels) ?? tileSizes[0];

/**
 * Opens the tiles of a recipe.
 *
 * @param refresh Brings the index up to date; called when tiles are missing, because whoever has printed
 *   before need not wait for that.
 * @throws PermanentError `recipe.tile-gone`
 */
export async function openRecipe(
  recipe: Recipe,
  index: FolderIndex,
  refresh: () => Promise<unknown>,
): Promise<RecipeDrawer> {
  const library = await openTileLibrary({ ...index, memoryBudgetBytes, logger: silentLogger });
  try {
    if (missing(recipe, library).length > 0) {
      await refresh();
      await library.refresh();
    }
    const gone = missing(recipe, library);
    if (gone.length > 0) {
      throw new PermanentError(
        'recipe.tile-gone',
        `${gone.length} of the ${recipe.tileIds.length} small photos of this recipe are not in the folder any more, or were changed; ` +
          'give the folder as it was with --library, or make the mosaic anew.',
      );
    }
  } catch (error) {
    await library.close();
    throw error;
  }
  return {
    recipe,
    async whole(unit) {
      for (const size of drawnSizes(recipe.layout, unit)) await library.load(size);
      return concatenate(assembleRecipe(recipe, library, { unit }));
    },
    async cell(cell, pixels) {
      const size = tileSizeFor(pixels);
      await library.load(size);
      const { tileId, mirrored, shift } = recipeCell(recipe, cell);
      const [y, cb, cr] = shift;
      const segments = library.segments(library.indexOf(tileId)!, size);
      return concatenate(
        assembleChunks({
          profile: library.profile(size),
          grid: { columns: 1, rows: 1, tileSize: size },
          tile: () => ({ segments, mirrored, shift: { y, cb, cr } }),
        }),
      );
    },
    close: () => library.close(),
  };
}

const missing = ({ tileIds }: Recipe, library: TileLibrary): string[] =>
  tileIds.filter((id) => library.indexOf(id) === undefined);
