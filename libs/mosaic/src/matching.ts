import { findCandidates, joinCandidates, noCandidate } from './candidates';
import type { Candidates } from './candidates';
import { featureLength, mirrorFeatures, textureAllowance } from './features';
import { improvePlacement, type Draft } from './improve';
import { preparedLibrary, type FastMatchRequest, type PreparedLibrary } from './library';
import { comparableVectors, metricFor } from './metric';
import { Neighbours } from './neighbours';
import { checkRequest, completePlacement, firstOfScenes, shiftAllowance } from './placement';
import type { MatchRequest, Placement } from './placement';
import { shuffledIndices } from '@mosaicme/random';
import { Reuse } from './reuse';
import { checkLibrarySize, makeLattice, mostDistance, noTile, type Lattice } from './rules';
import { createSearcher, searchOptions } from './searcher';
import { Taste } from './taste';
import { visitOrder } from './visit-order';

/**
 * Chooses a tile for every cell: each cell in turn takes the tile that suits it best among its nearest
 * ones, by its distance and by how near it is used already; then neighbours exchange tiles where that is
 * better for all together. The result is, number for number, that of `matchTilesByBruteForce`, where the
 * rules are told.
 *
 * Where the library is too small for the repeat distance, a smaller one is kept (`Placement.relaxed`).
 *
 * @param candidates What `findCandidates` found for the same request, in parts that cover the cells;
 *   without it, it is searched here.
 * @throws PermanentError `mosaic.empty-library`, `mosaic.library-too-small` (for `maxUses`; names how many
 *   tiles are needed), `mosaic.library-too-large` (`useAll` with more tiles than cells),
 *   `mosaic.bad-request`, `mosaic.bad-features`.
 */
export function matchTiles(
  fastRequest: FastMatchRequest,
  candidates?: readonly Candidates[],
): Placement {
  const library = preparedLibrary(fastRequest);
  const request: MatchRequest = { ...fastRequest, library: library.features };
  const { layout, options, cells } = request;
  checkRequest(request);
  checkLibrarySize(library.features.count, layout, options);
  const nearest = candidates
    ? joinCandidates(candidates, cells.count)
    : findCandidates({ ...fastRequest, library });
  const order = visitOrder(layout, options.seed);
  const place = (repeatDistance: number, lattice?: Lattice, scenes?: Uint32Array) => {
    const kept = { ...request, scenes, options: { ...options, repeatDistance } };
    return placeGreedily(kept, library, nearest, order, lattice);
  };

  let distance = mostDistance(library.features.count, layout, options);
  let draft = place(distance, undefined, request.scenes);
  // Too few scenes: then photos of one scene may be neighbours, but not the same photo.
  if (!draft && request.scenes) draft = place(distance);
  while (!draft) {
    const kept = { ...options, repeatDistance: distance };
    const lattice = makeLattice(library.features.count, layout, kept);
    draft = lattice ? place(distance, lattice) : place(--distance);
  }
  if (options.useAll) placeLeftovers(request, draft);
  const placement = completePlacement(request, draft.reuse.tiles, draft.mirrored, draft.costs);
  return distance < options.repeatDistance
    ? { ...placement, relaxed: { repeatDistance: distance } }
    : placement;
}

/** Greedy choice, then exchanges. Undefined when a cell finds no allowed tile. */
function placeGreedily(
  request: MatchRequest,
  library: PreparedLibrary,
  nearest: Candidates,
  order: Uint32Array,
  lattice?: Lattice,
): Draft | undefined {
  const { cells, layout, options } = request;
  const { starts, ids, costs: nearestCosts } = nearest;
  const tileCount = library.features.count;
  const sceneOf = firstOfScenes(tileCount, request.scenes);
  const reuse = new Reuse(layout, tileCount, options.maxUses);
  const neighbours = new Neighbours(layout, lattice ? 0 : options.repeatDistance);
  const taste = new Taste(layout, cells, nearest, reuse, options.seed);
  const { blocked, best, search } = createSearcher(library, cells, searchOptions(request, 1));
  const mirrored = new Uint8Array(cells.count);
  const costs = new Int32Array(cells.count);
  // For which cell a scene was last found too near.
  const tooNear = new Int32Array(tileCount).fill(-1);
  for (const cell of order) {
    for (let index = neighbours.find(cell) - 1; index >= 0; index--) {
      const tile = reuse.tiles[neighbours.found[index] ?? 0] ?? noTile;
      if (tile !== noTile) tooNear[sceneOf[tile]!] = cell;
    }
    const isBlocked = (tile: number) =>
      tooNear[sceneOf[tile]!] === cell ||
      reuse.isUsedUp(tile) ||
      (lattice !== undefined && lattice.classOfTile[tile] !== lattice.classOfCell[cell]);
    let chosen = noCandidate;
    let chosenCost = 0;
    let burden = Infinity;
    const end = starts[cell + 1] ?? 0;
    for (let entry = starts[cell] ?? 0; entry < end; entry++) {
      const id = ids[entry] ?? 0;
      const cost = nearestCosts[entry] ?? 0;
      if (cost >= burden) break;
      const tile = id % tileCount;
      if (isBlocked(tile)) continue;
      const biased = taste.biased(cell, tile, cost);
      if (biased >= burden) continue;
      const total = biased + taste.priceOf(cell, tile, burden - biased);
      if (total >= burden) continue;
      burden = total;
      chosen = id;
      chosenCost = cost;
    }
    if (chosen === noCandidate) {
      for (let tile = 0; tile < tileCount; tile++) blocked[tile] = isBlocked(tile) ? 1 : 0;
      search(cell);
      [chosen = noCandidate, chosenCost = 0] = best;
      if (chosen === noCandidate) return undefined;
    }
    reuse.place(cell, chosen % tileCount);
    mirrored[cell] = chosen >= tileCount ? 1 : 0;
    costs[cell] = chosenCost;
  }
  const draft = { reuse, mirrored, costs };
  if (!lattice) improvePlacement(draft, nearest, neighbours, taste, options, order, sceneOf);
  return draft;
}

/** Gives every tile that is left over the cell where that costs least. */
function placeLeftovers(request: MatchRequest, { reuse, mirrored, costs }: Draft): void {
  const { tiles } = reuse;
  const { cells, library, options } = request;
  const distance = boundedDistance(request);
  const { uses } = reuse;
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
    reuse.remove(best.cell);
    reuse.place(best.cell, tile);
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
    const allowances = [...allowance, textureAllowance(request.cells, cell)];
    for (const allowed of allowances) {
      const difference = Math.abs((values[a++] ?? 0) - (tiles[b++] ?? 0));
      const rest = Math.max(0, difference - allowed);
      sum += rest * rest;
    }
    for (; a < end && sum < bound; a++, b++) {
      const difference = (values[a] ?? 0) - (tiles[b] ?? 0);
      sum += difference * difference;
    }
    return sum;
  };
}
