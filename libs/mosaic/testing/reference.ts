import { candidatesOfFlatCell, candidatesPerCell, type Candidates } from '../src/candidates';
import type { CellLayout } from '../src/cells';
import { featureLength, mirrorFeatures, textureAllowance } from '../src/features';
import { improvePlacement, type Draft } from '../src/improve';
import { comparableVectors, metricFor } from '../src/metric';
import { Neighbours } from '../src/neighbours';
import {
  checkRequest,
  completePlacement,
  shiftAllowance,
  type MatchRequest,
  type Placement,
} from '../src/placement';
import { shuffledIndices } from '@mosaicme/random';
import { Reuse } from '../src/reuse';
import { checkLibrarySize, makeLattice, mostDistance, type Lattice } from '../src/rules';
import { Taste, toleranceOf } from '../src/taste';
import { visitOrder } from '../src/visit-order';

/**
 * The matching in its plainest form: it tries every tile for every cell. It defines what `matchTiles`
 * must return, number for number; the tests hold the fast version against it.
 *
 * Cells are visited by diagonals (see `visitOrder`). Each takes, among its nearest tiles that the rules
 * still allow, the one with the least sum of cost, bias of the place and price of its other uses (see
 * `Taste`); where all of these are forbidden, the nearest of the others. Ties go to the unmirrored form,
 * then to the lower index. Then exchanges between neighbours improve the placement (see
 * `improvePlacement`). When a cell finds no allowed tile, everything is placed anew on a lattice (see
 * `makeLattice`), and where there is none for so few tiles, with a smaller repeat distance. With
 * `useAll`, every tile that is left over then takes the cell where that costs least, among the cells
 * whose tile stands elsewhere too.
 *
 * @throws PermanentError as `matchTiles`.
 */
export function matchTilesByBruteForce(request: MatchRequest): Placement {
  checkRequest(request);
  const { library, layout, options } = request;
  checkLibrarySize(library.count, layout, options);
  const costOf = costFunction(request);
  const nearest = nearestTiles(request, costOf);
  let distance = mostDistance(library.count, layout, options);
  let draft: Draft | undefined;
  while (!draft) {
    const kept = { ...options, repeatDistance: distance };
    draft = placeGreedily({ ...request, options: kept }, costOf, nearest);
    const lattice = draft ? undefined : makeLattice(library.count, layout, kept);
    if (lattice) draft = placeGreedily({ ...request, options: kept }, costOf, nearest, lattice);
    if (!draft) distance--;
  }
  if (options.useAll) placeLeftovers(request, costOf, draft);
  const placement = completePlacement(request, draft.reuse.tiles, draft.mirrored, draft.costs);
  if (distance === options.repeatDistance) return placement;
  return { ...placement, relaxed: { repeatDistance: distance } };
}

/** Are two cells too near to hold the same tile? */
export function areTooNear(layout: CellLayout, a: number, b: number, distance: number): boolean {
  const gap = (starts: Uint16Array) => {
    const [first, second] = starts[a]! <= starts[b]! ? [a, b] : [b, a];
    return starts[second]! - starts[first]! - layout.span[first]!;
  };
  const smaller = Math.min(layout.span[a]!, layout.span[b]!);
  return Math.max(gap(layout.left), gap(layout.top)) < distance * smaller;
}

type CostFunction = (cell: number, tile: number, mirrored: 0 | 1) => number;

/**
 * Squared distance between a cell and a tile after the best allowed colour shift: the difference of
 * each channel's mean counts only as far as the shift cannot remove it.
 */
function costFunction(request: MatchRequest): CostFunction {
  const metric = metricFor(request.options.colourShift);
  const length = featureLength(request.library.space);
  const allowance = shiftAllowance(request.cells.space, request.options.colourShift);
  const cells = comparableVectors(request.cells, metric);
  const library = comparableVectors(request.library, metric);
  const forms = [library, mirrorFeatures({ ...request.library, values: library }).values] as const;
  return (cell, tile, mirrored) => {
    const values = forms[mirrored];
    const allowances = [...allowance, textureAllowance(request.cells, cell)];
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const difference = (cells[cell * length + index] ?? 0) - (values[tile * length + index] ?? 0);
      const rest = Math.max(0, Math.abs(difference) - (allowances[index] ?? 0));
      sum += rest * rest;
    }
    return sum;
  };
}

function placeGreedily(
  { cells, library, layout, options }: MatchRequest,
  costOf: CostFunction,
  nearest: Candidates,
  lattice?: Lattice,
): Draft | undefined {
  const reuse = new Reuse(layout, library.count, options.maxUses);
  const taste = new Taste(layout, cells, nearest, reuse, options.seed);
  const mirrored = new Uint8Array(cells.count);
  const costs = new Int32Array(cells.count);
  const order = visitOrder(layout, options.seed);
  for (const cell of order) {
    const ids = Array.from({ length: (options.mirror ? 2 : 1) * library.count }, (_, id) => id)
      .filter((id) => isAllowed(cell, id % library.count))
      .map((id) => ({ id, cost: costOf(cell, id % library.count, id < library.count ? 0 : 1) }))
      .sort((a, b) => a.cost - b.cost || a.id - b.id);
    const own = nearest.ids.subarray(nearest.starts[cell], nearest.starts[cell + 1]);
    let best = ids.find(({ id }) => !own.includes(id));
    let least = Infinity;
    for (const each of ids) {
      if (!own.includes(each.id)) continue;
      const tile = each.id % library.count;
      const burden = taste.biased(cell, tile, each.cost) + taste.priceOf(cell, tile);
      if (burden >= least) continue;
      least = burden;
      best = each;
    }
    if (!best) return undefined;
    reuse.place(cell, best.id % library.count);
    mirrored[cell] = best.id < library.count ? 0 : 1;
    costs[cell] = best.cost;
  }
  const draft = { reuse, mirrored, costs };
  if (!lattice) {
    const neighbours = new Neighbours(layout, options.repeatDistance);
    improvePlacement(draft, nearest, neighbours, taste, options, order);
  }
  return draft;

  function isAllowed(cell: number, tile: number): boolean {
    let uses = 0;
    for (let other = 0; other < layout.count; other++) {
      if (reuse.tiles[other] !== tile) continue;
      uses++;
      if (uses >= (options.maxUses ?? Infinity)) return false;
      if (!lattice && areTooNear(layout, cell, other, options.repeatDistance)) return false;
    }
    return !lattice || lattice.classOfCell[cell] === lattice.classOfTile[tile];
  }
}

/** The nearest tiles of every cell: by cost, then unmirrored first, then by index. */
function nearestTiles({ cells, library, options }: MatchRequest, costOf: CostFunction): Candidates {
  const starts = [0];
  const ids: number[] = [];
  const costs: number[] = [];
  for (let cell = 0; cell < cells.count; cell++) {
    const all = (options.mirror ? ([0, 1] as const) : ([0] as const)).flatMap((form) =>
      Array.from({ length: library.count }, (_, tile) => ({
        id: tile + form * library.count,
        cost: costOf(cell, tile, form),
      })),
    );
    all.sort((a, b) => a.cost - b.cost || a.id - b.id);
    const usual = all[candidatesPerCell - 1];
    const isFlat = usual !== undefined && toleranceOf(cells, cell, usual.cost) > 0;
    for (const { id, cost } of all.slice(0, isFlat ? candidatesOfFlatCell : candidatesPerCell)) {
      ids.push(id);
      costs.push(cost);
    }
    starts.push(ids.length);
  }
  return {
    from: 0,
    starts: Uint32Array.from(starts),
    ids: Uint32Array.from(ids),
    costs: Int32Array.from(costs),
  };
}

function placeLeftovers({ library, options }: MatchRequest, costOf: CostFunction, draft: Draft) {
  const { reuse, mirrored, costs } = draft;
  const { tiles, uses } = reuse;
  for (const tile of shuffledIndices(library.count, options.seed)) {
    if (uses[tile]) continue;
    let best = { cell: 0, form: 0, cost: 0, loss: Infinity };
    for (const form of options.mirror ? ([0, 1] as const) : ([0] as const)) {
      tiles.forEach((current, cell) => {
        if ((uses[current] ?? 0) < 2) return;
        const cost = costOf(cell, tile, form);
        const loss = cost - (costs[cell] ?? 0);
        if (loss < best.loss) best = { cell, form, cost, loss };
      });
    }
    reuse.remove(best.cell);
    reuse.place(best.cell, tile);
    mirrored[best.cell] = best.form;
    costs[best.cell] = best.cost;
  }
}
