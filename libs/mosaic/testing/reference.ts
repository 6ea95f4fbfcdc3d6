import { featureLength, mirrorFeatures } from '../src/features';
import { comparableVectors, metricFor } from '../src/metric';
import { candidatesPerCell, noCandidate, type Candidates } from '../src/candidates';
import { improvePlacement, type Draft } from '../src/improve';
import { unreachable } from '../src/search-kernel';
import {
  checkRequest,
  completePlacement,
  shiftAllowance,
  type MatchRequest,
  type Placement,
} from '../src/placement';
import { shuffledIndices } from '@mosaicme/random';
import { visitOrder } from '../src/visit-order';
import { checkLibrarySize, makeLattice, noTile, type Lattice } from '../src/rules';

/**
 * The matching in its plainest form: it tries every tile for every cell. It defines what `matchTiles`
 * must return, number for number; the tests hold the fast version against it.
 *
 * Cells are visited by diagonals (see `visitOrder`), and each takes the nearest tile that the rules still allow
 * (on a tie: unmirrored first, then the lower index). When a cell finds no allowed tile, everything is
 * placed anew on a lattice (see `makeLattice`); otherwise exchanges between neighbours improve the
 * placement (see `improvePlacement`). With `useAll`, every tile that is left over then takes
 * the cell where that costs least, among the cells whose tile stands elsewhere too.
 *
 * @throws PermanentError as `matchTiles`.
 */
export function matchTilesByBruteForce(request: MatchRequest): Placement {
  checkRequest(request);
  checkLibrarySize(request.library.count, request.grid, request.options);
  const costOf = costFunction(request);
  const draft =
    placeGreedily(request, costOf) ??
    placeGreedily(
      request,
      costOf,
      makeLattice(request.library.count, request.grid, request.options),
    );
  if (!draft) throw new Error('A lattice always has a tile left.');
  if (!draft.isOnLattice) {
    const { library, grid, options } = request;
    const order = visitOrder(grid, options.seed);
    improvePlacement(draft, nearestTiles(request, costOf), library.count, grid, options, order);
  }
  if (request.options.useAll) placeLeftovers(request, costOf, draft);
  return completePlacement(request, draft.tiles, draft.mirrored, draft.costs);
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
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const difference = (cells[cell * length + index] ?? 0) - (values[tile * length + index] ?? 0);
      const rest = Math.max(0, Math.abs(difference) - (allowance[index] ?? 0));
      sum += rest * rest;
    }
    return sum;
  };
}

function placeGreedily(
  { cells, library, grid, options }: MatchRequest,
  costOf: CostFunction,
  lattice?: Lattice,
): (Draft & { readonly isOnLattice: boolean }) | undefined {
  const tiles = new Uint32Array(cells.count).fill(noTile);
  const mirrored = new Uint8Array(cells.count);
  const costs = new Int32Array(cells.count);
  for (const cell of visitOrder(grid, options.seed)) {
    let best = Infinity;
    for (const form of options.mirror ? ([0, 1] as const) : ([0] as const)) {
      for (let tile = 0; tile < library.count; tile++) {
        const cost = costOf(cell, tile, form);
        if (cost >= best || !isAllowed(cell, tile)) continue;
        best = cost;
        tiles[cell] = tile;
        mirrored[cell] = form;
        costs[cell] = cost;
      }
    }
    if (best === Infinity) return undefined;
  }
  return { tiles, mirrored, costs, isOnLattice: lattice !== undefined };

  function isAllowed(cell: number, tile: number): boolean {
    let uses = 0;
    for (let other = 0; other < tiles.length; other++) {
      if (tiles[other] !== tile || other === cell) continue;
      uses++;
      if (uses >= (options.maxUses ?? Infinity)) return false;
      if (!lattice && chebyshev(cell, other) <= options.repeatDistance) return false;
    }
    return !lattice || lattice.classOfCell[cell] === lattice.classOfTile[tile];
  }

  function chebyshev(a: number, b: number): number {
    const { columns } = grid;
    const down = Math.abs(Math.floor(a / columns) - Math.floor(b / columns));
    return Math.max(down, Math.abs((a % columns) - (b % columns)));
  }
}

/** The nearest tiles of every cell: by cost, then unmirrored first, then by index. */
function nearestTiles({ cells, library, options }: MatchRequest, costOf: CostFunction): Candidates {
  const count = candidatesPerCell;
  const ids = new Uint32Array(cells.count * count).fill(noCandidate);
  const costs = new Int32Array(cells.count * count).fill(unreachable);
  for (let cell = 0; cell < cells.count; cell++) {
    const all = (options.mirror ? ([0, 1] as const) : ([0] as const)).flatMap((form) =>
      Array.from({ length: library.count }, (_, tile) => ({
        id: tile + form * library.count,
        cost: costOf(cell, tile, form),
      })),
    );
    all.sort((a, b) => a.cost - b.cost || a.id - b.id);
    all.slice(0, count).forEach(({ id, cost }, entry) => {
      ids[cell * count + entry] = id;
      costs[cell * count + entry] = cost;
    });
  }
  return { from: 0, ids, costs };
}

function placeLeftovers({ library, options }: MatchRequest, costOf: CostFunction, draft: Draft) {
  const { tiles, mirrored, costs } = draft;
  const uses = new Uint32Array(library.count);
  for (const tile of tiles) uses[tile] = (uses[tile] ?? 0) + 1;
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
    const replaced = tiles[best.cell] ?? 0;
    uses[replaced] = (uses[replaced] ?? 0) - 1;
    uses[tile] = 1;
    tiles[best.cell] = tile;
    mirrored[best.cell] = best.form;
    costs[best.cell] = best.cost;
  }
}
