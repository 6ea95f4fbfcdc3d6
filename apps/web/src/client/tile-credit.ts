import { createCellFinder, decodeRecipe, recipeCell } from '@mosaicme/mosaic';
import { html, type Html } from '../html/html';
import { creditLine } from '../pages/credit';
import type { Credit } from '../ports';
import { fetchJson } from './dom';

/** A cell of the mosaic, in units, and the photo that stands in it. */
export interface TileCell {
  readonly left: number;
  readonly top: number;
  readonly span: number;
  readonly tileId: string;
}

/** Knows whose photo stands in which cell. The recipe is fetched when it is first needed. */
export function createTileCredits(recipeAddress: string) {
  let finder: ReturnType<typeof load> | undefined;
  const load = async () => {
    const response = await fetch(recipeAddress);
    if (!response.ok) throw new Error('There is no recipe for this mosaic.');
    const recipe = decodeRecipe(new Uint8Array(await response.arrayBuffer()));
    const find = createCellFinder(recipe.layout);
    return (column: number, row: number): TileCell => {
      const cell = find(column, row);
      const { left, top, span } = recipe.layout;
      return {
        left: left[cell] ?? 0,
        top: top[cell] ?? 0,
        span: span[cell] ?? 1,
        tileId: recipeCell(recipe, cell).tileId,
      };
    };
  };

  return {
    /** The cell that covers a unit. @throws Error when there is no recipe. */
    async cellOf(column: number, row: number): Promise<TileCell> {
      try {
        finder ??= load();
        return (await finder)(column, row);
      } catch (error) {
        finder = undefined;
        throw error;
      }
    },
    /** The credit of a cell's photo, as a line to show. */
    async creditOf({ tileId }: TileCell): Promise<Html> {
      return html`<p>Photo by ${creditLine(await fetchJson<Credit>(`/api/tiles/${tileId}`))}</p>`;
    },
  };
}
