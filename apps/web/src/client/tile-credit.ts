import { decodeRecipe, recipeCell, type Recipe } from '@mosaicme/mosaic';
import { html, type Html } from '../html/html';
import { creditLine } from '../pages/credit';
import type { Credit } from '../ports';
import { fetchJson } from './dom';

/** Knows whose photo stands in which cell. The recipe is fetched when it is first needed. */
export function createTileCredits(recipeAddress: string) {
  let recipe: Promise<Recipe> | undefined;
  const load = async (): Promise<Recipe> => {
    const response = await fetch(recipeAddress);
    if (!response.ok) throw new Error('There is no recipe for this mosaic.');
    return decodeRecipe(new Uint8Array(await response.arrayBuffer()));
  };

  /** The credit of a cell's photo, as a line to show. */
  return async (column: number, row: number): Promise<Html> => {
    try {
      recipe ??= load();
      const { tileId } = recipeCell(await recipe, column, row);
      return html`<p>Photo by ${creditLine(await fetchJson<Credit>(`/api/tiles/${tileId}`))}</p>`;
    } catch (error) {
      recipe = undefined;
      return html`<p>${error instanceof Error ? error.message : String(error)}</p>`;
    }
  };
}
