import { PermanentError } from '@mosaicme/errors';
import { preparedLibrary, type FastMatchRequest } from './library';
import { unreachable } from './search-kernel';
import { createSearcher, searchOptions } from './searcher';

/** How many of the nearest tiles of each cell are looked for, before the rules come in. */
export const candidatesPerCell = 40;

/** The nearest tiles of each of a range of cells, without regard to the rules. */
export interface Candidates {
  /** First cell of the range. */
  readonly from: number;
  /**
   * `candidatesPerCell` ids a cell, the nearest first: the tile, with the number of tiles added when it
   * is mirrored. Cells with fewer candidates end in `noCandidate`.
   */
  readonly ids: Uint32Array;
  /** Squared distance to each, in feature units. */
  readonly costs: Int32Array;
}

export const noCandidate = 0xffffffff;

/** How much farther than its neighbour's a cell's candidates may lie before they are sought anew. */
const limitMargin = 1.25;

/**
 * Looks for the nearest tiles of the cells `from` to `to - 1`. It depends on nothing else, so the cells
 * can be divided among worker threads, each with the same library; `matchTiles` takes the parts.
 */
export function findCandidates(
  request: FastMatchRequest,
  from = 0,
  to = request.cells.count,
): Candidates {
  const library = preparedLibrary(request);
  const count = candidatesPerCell;
  const { best, search } = createSearcher(library, request.cells, searchOptions(request, count));
  const ids = new Uint32Array((to - from) * count);
  const costs = new Int32Array((to - from) * count);
  let limit = unreachable;
  for (let cell = from; cell < to; cell++) {
    // A cell resembles the one before it, so what that one needed is a good first limit.
    search(cell, limit);
    const isIncomplete = best[count * 2 - 2] === noCandidate && limit < unreachable;
    if (isIncomplete) search(cell);
    limit = Math.min(unreachable, Math.ceil((best[count * 2 - 1] ?? 0) * limitMargin));
    const at = (cell - from) * count;
    for (let entry = 0; entry < count; entry++) {
      ids[at + entry] = best[entry * 2] ?? noCandidate;
      costs[at + entry] = best[entry * 2 + 1] ?? 0;
    }
  }
  return { from, ids, costs };
}

/**
 * Puts the candidates of parts of the grid together.
 * @throws PermanentError `mosaic.bad-request` when they do not cover every cell once.
 */
export function joinCandidates(parts: readonly Candidates[], cells: number): Candidates {
  const ids = new Uint32Array(cells * candidatesPerCell);
  const costs = new Int32Array(cells * candidatesPerCell);
  let next = 0;
  for (const part of [...parts].sort((a, b) => a.from - b.from)) {
    if (part.from !== next || part.ids.length !== part.costs.length) break;
    if (next * candidatesPerCell + part.ids.length > ids.length) break;
    ids.set(part.ids, next * candidatesPerCell);
    costs.set(part.costs, next * candidatesPerCell);
    next += part.ids.length / candidatesPerCell;
  }
  if (next === cells) return { from: 0, ids, costs };
  throw new PermanentError(
    'mosaic.bad-request',
    `The candidates cover ${next} of ${cells} cells without a gap. Search the rest, each cell once.`,
  );
}
