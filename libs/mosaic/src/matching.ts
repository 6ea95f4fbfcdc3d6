import { featureLength, mirrorFeatures, type Features } from './features';
import { findCandidates, noCandidate } from './candidates';
import { candidatesPerCell, improvePlacement, type Draft } from './improve';
import { prepareLibrary, type PreparedLibrary } from './library';
import { comparableVectors, metricFor } from './metric';
import {
  checkRequest,
  completePlacement,
  shiftAllowance,
  type MatchRequest,
  type Placement,
} from './placement';
import { shuffledIndices } from './random';
import { checkLibrarySize, makeLattice, UsageRules, type Lattice } from './rules';
import { createSearcher } from './searcher';
import { visitOrder } from './visit-order';

/** A request whose library may be prepared, so that its index is not built for every mosaic. */
export type FastMatchRequest = Omit<MatchRequest, 'library'> & {
  readonly library: Features | PreparedLibrary;
};

/**
 * Chooses a tile for every cell: each cell in turn takes the nearest tile that the rules still allow.
 * The result is, number for number, that of `matchTilesByBruteForce`, where the rules are told.
 *
 * @throws PermanentError `mosaic.empty-library`, `mosaic.library-too-small` (names how many tiles are
 *   needed), `mosaic.library-too-large` (`useAll` with more tiles than cells), `mosaic.bad-request`,
 *   `mosaic.bad-features`.
 */
export function matchTiles({ library, ...rest }: FastMatchRequest): Placement {
  const features = 'values' in library ? library : library.features;
  const request = { ...rest, library: features };
  checkRequest(request);
  checkLibrarySize(features.count, request.grid, request.options);
  const prepared = 'values' in library ? prepareLibrary(library) : library;
  const draft =
    placeGreedily(request, prepared) ??
    placeGreedily(request, prepared, makeLattice(features.count, request.grid, request.options));
  if (!draft) throw new Error('A lattice always has a tile left.');
  if (request.options.useAll) placeLeftovers(request, draft);
  return completePlacement(request, draft.tiles, draft.mirrored, draft.costs);
}

function placeGreedily(
  request: MatchRequest,
  library: PreparedLibrary,
  lattice?: Lattice,
): Draft | undefined {
  const { cells, grid, options } = request;
  const tileCount = library.features.count;
  const order = visitOrder(grid, options.seed);
  const candidates = findCandidates(library, cells, searchOptions(request, candidatesPerCell));
  const searcher = createSearcher(library, cells, searchOptions(request, 1));
  const { blocked } = searcher;
  const rules = new UsageRules(blocked, grid, options, lattice);
  const mirrored = new Uint8Array(cells.count);
  const costs = new Int32Array(cells.count);
  for (const cell of order) {
    rules.block(cell);
    let [id, cost] = nearestCandidate(cell);
    if (id === noCandidate) {
      searcher.search(cell);
      [id = noCandidate, cost = 0] = searcher.best;
      if (id === noCandidate) return undefined;
    }
    rules.place(cell, id % tileCount);
    mirrored[cell] = id >= tileCount ? 1 : 0;
    costs[cell] = cost;
  }
  const draft = { tiles: rules.tiles, mirrored, costs };
  if (!lattice) {
    improvePlacement(draft, candidates, tileCount, grid, options, order);
  }
  return draft;

  function nearestCandidate(cell: number): [id: number, cost: number] {
    const { count, ids } = candidates;
    for (let entry = cell * count; entry < (cell + 1) * count; entry++) {
      const id = ids[entry] ?? noCandidate;
      if (id === noCandidate) break;
      if (!blocked[id % tileCount]) return [id, candidates.costs[entry] ?? 0];
    }
    return [noCandidate, 0];
  }
}

export const searchOptions = (request: MatchRequest, count: number) => ({
  metric: metricFor(request.options.colourShift),
  allowance: shiftAllowance(request),
  mirror: request.options.mirror,
  count,
});

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
  const allowance = shiftAllowance(request);
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
