import { PermanentError } from '@mosaicme/errors';
import type { Recipe } from '@mosaicme/mosaic';
import { silentLogger } from '@mosaicme/service';
import {
  openTileLibrary,
  readerOf,
  type TileLibrary,
  type TileReader,
} from '@mosaicme/tile-library';
import type { FolderIndex } from '../index-folder';
import { memoryBudgetBytes } from '../make';

/**
 * Opens the tiles of a recipe in the index of a folder.
 *
 * @param refresh Brings the index up to date; called when tiles are missing, because whoever has printed
 *   before need not wait for that.
 * @throws PermanentError `recipe.tile-gone`
 */
export async function openFolderTiles(
  recipe: Recipe,
  index: FolderIndex,
  refresh: () => Promise<unknown>,
): Promise<{ readonly tiles: TileReader; close(): Promise<void> }> {
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
          'give the folder as it was with --library, and the options with which its index was made.',
      );
    }
    return { tiles: readerOf(library), close: () => library.close() };
  } catch (error) {
    await library.close();
    throw error;
  }
}

const missing = ({ tileIds }: Recipe, library: TileLibrary): string[] =>
  tileIds.filter((id) => library.indexOf(id) === undefined);
