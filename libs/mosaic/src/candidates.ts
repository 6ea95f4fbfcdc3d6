import type { Features } from './features';
import type { PreparedLibrary } from './library';
import { unreachable } from './search-kernel';
import { createSearcher, type SearchOptions } from './searcher';

/** The nearest tiles of each of a range of cells, without regard to the rules. */
export interface Candidates {
  /** First cell of the range. */
  readonly from: number;
  /** Entries a cell. */
  readonly count: number;
  /**
   * `count` ids a cell, the nearest first: the tile, with the number of tiles added when it is mirrored.
   * Cells with fewer candidates end in `noCandidate`.
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
 * can be divided among worker threads, each with the same library.
 */
export function findCandidates(
  library: PreparedLibrary,
  cells: Features,
  options: SearchOptions,
  from = 0,
  to = cells.count,
): Candidates {
  const { count } = options;
  const searcher = createSearcher(library, cells, options);
  const ids = new Uint32Array((to - from) * count);
  const costs = new Int32Array((to - from) * count);
  const { best } = searcher;
  let limit = unreachable;
  for (let cell = from; cell < to; cell++) {
    // A cell resembles the one before it, so what that one needed is a good first limit.
    searcher.search(cell, limit);
    const isIncomplete = best[count * 2 - 2] === noCandidate && limit < unreachable;
    if (isIncomplete) searcher.search(cell);
    limit = Math.min(unreachable, Math.ceil((best[count * 2 - 1] ?? 0) * limitMargin));
    const at = (cell - from) * count;
    for (let entry = 0; entry < count; entry++) {
      ids[at + entry] = best[entry * 2] ?? noCandidate;
      costs[at + entry] = best[entry * 2 + 1] ?? 0;
    }
  }
  return { from, count, ids, costs };
}
