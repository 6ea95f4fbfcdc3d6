import { featureLength, mirrorFeatures } from './features';
import {
  checkRequest,
  completePlacement,
  shiftAllowance,
  type MatchRequest,
  type Placement,
} from './placement';
import { shuffledIndices } from './random';
import { checkLibrarySize, makeLattice, noTile, UsageRules, type Lattice } from './rules';

/**
 * Chooses a tile for every cell.
 *
 * @throws PermanentError `mosaic.empty-library`, `mosaic.library-too-small` (names how many tiles are
 *   needed), `mosaic.library-too-large` (`useAll` with more tiles than cells), `mosaic.bad-request`,
 *   `mosaic.bad-features`.
 */
export function matchTiles(request: MatchRequest): Placement {
  checkRequest(request);
  checkLibrarySize(request.library.count, request.grid, request.options);
  const draft =
    placeGreedily(request) ??
    placeGreedily(request, makeLattice(request.library.count, request.grid, request.options));
  if (!draft) throw new Error('A lattice always has a tile left.');
  if (request.options.useAll) placeLeftovers(request, draft);
  return completePlacement(request, draft.tiles, draft.mirrored, draft.costs);
}

interface Draft {
  readonly tiles: Uint32Array;
  readonly mirrored: Uint8Array;
  readonly costs: Float64Array;
}

function placeGreedily(request: MatchRequest, lattice?: Lattice): Draft | undefined {
  const { cells, library, grid, options } = request;
  const rules = new UsageRules(library.count, grid, options, lattice);
  const mirrored = new Uint8Array(cells.count);
  const costs = new Float64Array(cells.count);
  const distance = boundedDistance(request);
  const forms = options.mirror ? [cells.values, mirrorFeatures(cells).values] : [cells.values];
  for (const cell of shuffledIndices(cells.count, options.seed)) {
    rules.block(cell);
    let best = Infinity;
    let bestTile = noTile;
    forms.forEach((values, form) => {
      for (let tile = 0; tile < library.count; tile++) {
        const cost = distance(values, cell, tile, best);
        if (cost >= best || rules.blocked[tile]) continue;
        best = cost;
        bestTile = tile;
        mirrored[cell] = form;
      }
    });
    if (bestTile === noTile) return undefined;
    rules.place(cell, bestTile);
    costs[cell] = best;
  }
  return { tiles: rules.tiles, mirrored, costs };
}

/** The squared distance, or any number of at least `bound` once it is known to be no less than that. */
function boundedDistance(request: MatchRequest) {
  const length = featureLength(request.library.space);
  const tiles = request.library.values;
  const allowance = shiftAllowance(request);
  return (cells: Int16Array, cell: number, tile: number, bound: number): number => {
    let sum = 0;
    let a = cell * length;
    let b = tile * length;
    const end = a + length;
    for (let channel = 0; channel < 3; channel++, a++, b++) {
      const difference = Math.abs((cells[a] ?? 0) - (tiles[b] ?? 0));
      const rest = Math.max(0, difference - (allowance[channel] ?? 0));
      sum += rest * rest;
    }
    while (a < end && sum < bound) {
      for (const stop = Math.min(end, a + 8); a < stop; a++, b++) {
        const difference = (cells[a] ?? 0) - (tiles[b] ?? 0);
        sum += difference * difference;
      }
    }
    return sum;
  };
}

function placeLeftovers(request: MatchRequest, draft: Draft): void {
  const { cells, library, options } = request;
  const { tiles, mirrored, costs } = draft;
  const distance = boundedDistance(request);
  const forms = options.mirror ? [cells.values, mirrorFeatures(cells).values] : [cells.values];
  const uses = new Uint32Array(library.count);
  for (const tile of tiles) uses[tile] = (uses[tile] ?? 0) + 1;
  for (const tile of shuffledIndices(library.count, options.seed)) {
    if (uses[tile]) continue;
    let best = { cell: 0, form: 0, cost: 0, loss: Infinity };
    forms.forEach((values, form) => {
      for (let cell = 0; cell < cells.count; cell++) {
        if ((uses[tiles[cell] ?? 0] ?? 0) < 2) continue;
        const current = costs[cell] ?? 0;
        const cost = distance(values, cell, tile, best.loss + current);
        if (cost - current < best.loss) best = { cell, form, cost, loss: cost - current };
      }
    });
    const replaced = tiles[best.cell] ?? 0;
    uses[replaced] = (uses[replaced] ?? 0) - 1;
    uses[tile] = 1;
    tiles[best.cell] = tile;
    mirrored[best.cell] = best.form;
    costs[best.cell] = best.cost;
  }
}
