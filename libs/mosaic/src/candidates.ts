import { PermanentError } from '@mosaicme/errors';
import { preparedLibrary, type FastMatchRequest } from './library';
import { unreachable } from './search-kernel';
import { createSearcher, searchOptions } from './searcher';
import { toleranceOf } from './taste';

/** How many of the nearest tiles of each cell are looked for, before the rules come in. */
export const candidatesPerCell = 40;

/** The same for cells without detail: so many tiles fit them that more may take turns. */
export const candidatesOfFlatCell = 160;

/** The nearest tiles of each of a range of cells, without regard to the rules. */
export interface Candidates {
  /** First cell of the range. */
  readonly from: number;
  /** Where the entries of each cell of the range begin, and where the last one's end. */
  readonly starts: Uint32Array;
  /** The nearest first: the tile, with the number of tiles added when it is mirrored. */
  readonly ids: Uint32Array;
  /** Squared distance to each, in feature units. */
  readonly costs: Int32Array;
}

/** Stands for no tile. */
export const noCandidate = 0xffffffff;

/** How much farther than its neighbour's a cell's candidates may lie before they are sought anew. */
export const limitMargin = 1.25;

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
  const { cells } = request;
  const few = createSearcher(library, cells, searchOptions(request, candidatesPerCell));
  const many = createSearcher(library, cells, searchOptions(request, candidatesOfFlatCell));
  const starts = new Uint32Array(to - from + 1);
  let ids = new Uint32Array((to - from) * candidatesPerCell);
  let costs = new Int32Array(ids.length);
  let end = 0;
  let limit = unreachable;
  for (let cell = from; cell < to; cell++) {
    // A cell resembles the one before it, so what that one needed is a good first limit.
    let { best } = few;
    few.search(cell, limit);
    const isIncomplete = best[candidatesPerCell * 2 - 2] === noCandidate && limit < unreachable;
    if (isIncomplete) few.search(cell);
    const farthest = best[candidatesPerCell * 2 - 1] ?? 0;
    limit = Math.min(unreachable, Math.ceil(farthest * limitMargin));
    if (farthest < unreachable && toleranceOf(cells, cell, farthest) > 0) {
      many.search(cell);
      ({ best } = many);
    }
    let count = best.length / 2;
    while (count > 0 && best[count * 2 - 2] === noCandidate) count--;
    if (end + count > ids.length) {
      const room = Math.max(end + count, ids.length + (ids.length >> 1));
      const [oldIds, oldCosts] = [ids, costs];
      ids = new Uint32Array(room);
      ids.set(oldIds);
      costs = new Int32Array(room);
      costs.set(oldCosts);
    }
    for (let entry = 0; entry < count; entry++) {
      ids[end + entry] = best[entry * 2] ?? 0;
      costs[end + entry] = best[entry * 2 + 1] ?? 0;
    }
    end += count;
    starts[cell - from + 1] = end;
  }
  return { from, starts, ids: ids.subarray(0, end), costs: costs.subarray(0, end) };
}

/**
 * Puts the candidates of parts of the grid together.
 * @throws PermanentError `mosaic.bad-request` when they do not cover every cell once.
 */
export function joinCandidates(parts: readonly Candidates[], cells: number): Candidates {
  const ordered = [...parts].sort((a, b) => a.from - b.from);
  const starts = new Uint32Array(cells + 1);
  const total = ordered.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids = new Uint32Array(total);
  const costs = new Int32Array(total);
  let next = 0;
  let end = 0;
  for (const part of ordered) {
    const count = part.starts.length - 1;
    if (part.from !== next || part.ids.length !== part.costs.length || next + count > cells) break;
    ids.set(part.ids, end);
    costs.set(part.costs, end);
    for (let cell = 0; cell < count; cell++) {
      starts[next + cell + 1] = end + (part.starts[cell + 1] ?? 0);
    }
    end += part.ids.length;
    next += count;
  }
  if (next === cells) return { from: 0, starts, ids, costs };
  throw new PermanentError(
    'mosaic.bad-request',
    `The candidates cover ${next} of ${cells} cells without a gap. Search the rest, each cell once.`,
  );
}
