import { candidatesPerCell, findCandidates, joinCandidates, noCandidate } from './candidates';
import type { Candidates } from './candidates';
import { featureLength, mirrorFeatures } from './features';
import { improvePlacement, type Draft } from './improve';
import { preparedLibrary, type FastMatchRequest, type PreparedLibrary } from './library';
import { comparableVectors, metricFor } from './metric';
import { checkRequest, completePlacement, shiftAllowance } from './placement';
import type { MatchRequest, Placement } from './placement';
import { shuffledIndices } from '@mosaicme/random';
import { checkLibrarySize, makeLattice, UsageRules, type Lattice } from './rules';
import { createSearcher, searchOptions } from './searcher';
import { visitOrder } from './visit-order';

/**
 * Chooses a tile for every cell: each cell in turn takes the nearest tile that the rules still allow,
 * then neighbours exchange tiles where that brings both nearer. The result is, number for number, that
 * of `matchTilesByBruteForce`, where the rules are told.
 *
 * @param candidates What `findCandidates` found for the same request, in parts that cover the grid;
 *   without it, it is searched here.
 * @throws PermanentError `mosaic.empty-library`, `mosaic.library-too-small` (names how many tiles are
 *   needed), `mosaic.library-too-large` (`useAll` with more tiles than cells), `mosaic.bad-request`,
 *   `mosaic.bad-features`.
 */
export function matchTiles(
  fastRequest: FastMatchRequest,
  candidates?: readonly Candidates[],
): Placement {
  const library = preparedLibrary(fastRequest);
  const request: MatchRequest = { ...fastRequest, library: library.features };
  const { grid, options, cells } = request;
  checkRequest(request);
  checkLibrarySize(library.features.count, grid, options);
  const nearest = candidates
    ? joinCandidates(candidates, cells.count)
    : findCandidates({ ...fastRequest, library });
  let draft = placeGreedily(request, library, nearest);
  if (draft) {
    const order = visitOrder(grid, options.seed);
    improvePlacement(draft, nearest, library.features.count, grid, options, order);
  } else {
    const lattice = makeLattice(library.features.count, grid, options);
    draft = placeGreedily(request, library, nearest, lattice);
  }
  if (!draft) throw new Error('A lattice always has a tile left.');
  if (options.useAll) placeLeftovers(request, draft);
  return completePlacement(request, draft.tiles, draft.mirrored, draft.costs);
}

/** Undefined when a cell finds no allowed tile. */
function placeGreedily(
  request: MatchRequest,
  library: PreparedLibrary,
  candidates: Candidates,
  lattice?: Lattice,
): Draft | undefined {
  const { cells, grid, options } = request;
  const tileCount = library.features.count;
  const { blocked, best, search } = createSearcher(library, cells, searchOptions(request, 1));
  const rules = new UsageRules(blocked, grid, options, lattice);
  const mirrored = new Uint8Array(cells.count);
  const costs = new Int32Array(cells.count);
  for (const cell of visitOrder(grid, options.seed)) {
    rules.block(cell);
    const entry = firstAllowed(candidates.ids, cell, blocked);
    let id = candidates.ids[entry] ?? noCandidate;
    let cost = candidates.costs[entry] ?? 0;
    if (id === noCandidate) {
      search(cell);
      [id = noCandidate, cost = 0] = best;
      if (id === noCandidate) return undefined;
    }
    rules.place(cell, id % tileCount);
    mirrored[cell] = id >= tileCount ? 1 : 0;
    costs[cell] = cost;
  }
  return { tiles: rules.tiles, mirrored, costs };
}

/** The entry of the nearest candidate that is not blocked, -1 where all are. */
function firstAllowed(ids: Uint32Array, cell: number, blocked: Uint8Array): number {
  const end = (cell + 1) * candidatesPerCell;
  for (let entry = cell * candidatesPerCell; entry < end; entry++) {
    const id = ids[entry] ?? noCandidate;
    if (id === noCandidate) return -1;
    if (!blocked[id % blocked.length]) return entry;
  }
  return -1;
}

/** Gives every tile that is left over the cell where that costs least. */
function placeLeftovers(request: MatchRequest, { tiles, mirrored, costs }: Draft): void {
  const { cells, library, options } = request;
  const distance = boundedDistance(request);
  const uses = new Uint32Array(library.count);
  for (const tile of tiles) uses[tile] = (uses[tile] ?? 0) + 1;
  for (const tile of shuffledIndices(library.count, options.seed)) {
    if (uses[tile]) continue;
    let best = { cell: 0, form: 0, cost: 0, loss: Infinity };
    for (let form = 0; form < (options.mirror ? 2 : 1); form++) {
      for (let cell = 0; cell < cells.count; cell++) {
        if ((uses[tiles[cell] ?? 0] ?? 0) < 2) continue;
        const current = costs[cell] ?? 0;
        const cost = distance(form, cell, tile, best.loss + current);
        if (cost - current < best.loss) best = { cell, form, cost, loss: cost - current };
      }
    }
    const replaced = tiles[best.cell] ?? 0;
    uses[replaced] = (uses[replaced] ?? 0) - 1;
    uses[tile] = 1;
    tiles[best.cell] = tile;
    mirrored[best.cell] = best.form;
    costs[best.cell] = best.cost;
  }
}

/** The squared distance, or any number of at least `bound` once it is known to be no less than that. */
function boundedDistance(request: MatchRequest) {
  const length = featureLength(request.library.space);
  const metric = metricFor(request.options.colourShift);
  const allowance = shiftAllowance(request.cells.space, request.options.colourShift);
  const tiles = comparableVectors(request.library, metric);
  const plain = comparableVectors(request.cells, metric);
  const forms = [plain, mirrorFeatures({ ...request.cells, values: plain }).values];
  return (form: number, cell: number, tile: number, bound: number): number => {
    const values = forms[form] ?? plain;
    let sum = 0;
    let a = cell * length;
    let b = tile * length;
    const end = a + length;
    for (let channel = 0; channel < 3; channel++, a++, b++) {
      const difference = Math.abs((values[a] ?? 0) - (tiles[b] ?? 0));
      const rest = Math.max(0, difference - (allowance[channel] ?? 0));
      sum += rest * rest;
    }
    for (; a < end && sum < bound; a++, b++) {
      const difference = (values[a] ?? 0) - (tiles[b] ?? 0);
      sum += difference * difference;
    }
    return sum;
  };
}
