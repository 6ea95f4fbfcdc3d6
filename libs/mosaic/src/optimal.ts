import { PermanentError } from '@mosaicme/errors';
import { auction } from './auction';
import { findCandidates } from './candidates';
import { featureLength, mirrorFeatures, textureAllowance } from './features';
import { improvePlacement, type Draft } from './improve';
import { preparedLibrary, type FastMatchRequest, type PreparedLibrary } from './library';
import { matchTiles } from './matching';
import { comparableVectors, metricFor } from './metric';
import { checkRequest, firstOfScenes, completePlacement, shiftAllowance } from './placement';
import type { MatchRequest, Placement } from './placement';
import { Neighbours } from './neighbours';
import { Reuse } from './reuse';
import { checkLibrarySize, noTile } from './rules';
import { Taste } from './taste';
import { visitOrder } from './visit-order';

/** Every pair of cell and tile is held in memory, at 4 to 5 bytes. */
export const maxPairs = 2 ** 25;

export interface OptimalPlacement extends Placement {
  /**
   * No placement under `maxUses` has a smaller `statistics.distance` than this, even if tiles might stand
   * side by side and unused ones were allowed.
   */
  readonly leastDistance: number;
}

/**
 * Chooses the tiles of all cells together instead of one cell after the other: worth its time for small
 * libraries with a limit on uses, where the last cells of a greedy choice get what nobody wanted.
 *
 * - With a limit on uses only, the sum of the squared distances is within 0.5 % of the least possible.
 * - With `useAll`, each tile first gets the cell where it costs least, all tiles together.
 * - With a repeat distance, the prices of the auction tell how sought-after a tile is; cells then choose
 *   by cost plus price, so that they leave tiles to those who need them more, and exchanges follow. The
 *   greedy placement is returned where it is better after all.
 *
 * @throws PermanentError as `matchTiles`, and `mosaic.too-large-for-optimal` when cells x tiles exceed
 *   `maxPairs`.
 */
export function matchTilesOptimally(request: FastMatchRequest): OptimalPlacement {
  const library = preparedLibrary(request);
  const { features } = library;
  const plain: MatchRequest = { ...request, library: features };
  checkRequest(plain);
  checkLibrarySize(features.count, request.layout, request.options);
  if (request.cells.count * features.count > maxPairs) {
    throw new PermanentError(
      'mosaic.too-large-for-optimal',
      `The optimal mode compares at most ${maxPairs} pairs of cell and tile, but ${request.cells.count} ` +
        `cells and ${features.count} tiles make ${request.cells.count * features.count}. ` +
        'Use fewer cells, fewer tiles, or the greedy mode.',
    );
  }
  const greedy = matchTiles({ ...request, library });
  const pairs = allPairs(plain);
  const { draft, lowerBound } = placeByAuction(plain, library, pairs);
  const leastDistance = Math.sqrt(Math.max(0, lowerBound) / plain.cells.count);
  const found = draft && completePlacement(plain, draft.reuse.tiles, draft.mirrored, draft.costs);
  const isBetter =
    found && !greedy.relaxed && found.statistics.distance < greedy.statistics.distance;
  return { ...(isBetter ? found : greedy), leastDistance };
}

/** Cost of every pair, in the better of the allowed forms. */
interface Pairs {
  /** One number a tile for each cell. */
  readonly costs: Int32Array;
  readonly mirrored: Uint8Array;
}

function allPairs(request: MatchRequest): Pairs {
  const { cells, library, options } = request;
  const metric = metricFor(options.colourShift);
  const length = featureLength(library.space);
  const allowance = shiftAllowance(cells.space, options.colourShift);
  const target = comparableVectors(cells, metric);
  const vectors = comparableVectors(library, metric);
  const forms = [vectors];
  if (options.mirror) forms.push(mirrorFeatures({ ...library, values: vectors }).values);
  const costs = new Int32Array(cells.count * library.count);
  const mirrored = new Uint8Array(options.mirror ? costs.length : 0);
  forms.forEach((values, form) => {
    for (let cell = 0; cell < cells.count; cell++) {
      const allowances = [...allowance, textureAllowance(cells, cell)];
      for (let tile = 0; tile < library.count; tile++) {
        let sum = 0;
        for (let index = 0; index < length; index++) {
          const difference =
            (target[cell * length + index] ?? 0) - (values[tile * length + index] ?? 0);
          const rest =
            index < allowances.length
              ? Math.max(0, Math.abs(difference) - (allowances[index] ?? 0))
              : difference;
          sum += rest * rest;
        }
        const pair = cell * library.count + tile;
        if (form === 1 && sum >= (costs[pair] ?? 0)) continue;
        costs[pair] = sum;
        if (form === 1) mirrored[pair] = 1;
      }
    }
  });
  return { costs, mirrored };
}

function placeByAuction(
  request: MatchRequest,
  library: PreparedLibrary,
  pairs: Pairs,
): { readonly draft: Draft | undefined; readonly lowerBound: number } {
  const { cells, layout, options } = request;
  const tileCount = library.features.count;
  const sceneOf = firstOfScenes(tileCount, request.scenes);
  const limit = Math.min(options.maxUses ?? cells.count, cells.count);
  const room = new Uint32Array(tileCount).fill(limit);
  const epsilon = epsilonFor(pairs.costs, cells.count, tileCount);
  const free = auction(pairs.costs, cells.count, room, epsilon);
  const { lowerBound } = free;

  const order = visitOrder(layout, options.seed);
  const reuse = new Reuse(layout, tileCount, options.maxUses);
  const neighbours = new Neighbours(layout, options.repeatDistance);
  const nearest = findCandidates({ ...request, library });
  const draft: Draft = {
    reuse,
    mirrored: new Uint8Array(cells.count),
    costs: new Int32Array(cells.count),
  };
  const put = (cell: number, tile: number) => {
    reuse.place(cell, tile);
    draft.mirrored[cell] = pairs.mirrored[cell * tileCount + tile] ?? 0;
    draft.costs[cell] = pairs.costs[cell * tileCount + tile] ?? 0;
  };
  if (options.useAll) {
    leastLossCells(pairs.costs, cells.count, tileCount, epsilon).forEach((cell, tile) =>
      put(cell, tile),
    );
  }
  const isFree = options.repeatDistance === 0 && !options.useAll;
  for (const cell of order) {
    if (reuse.tiles[cell] !== noTile) continue;
    const tile = isFree
      ? (free.objects[cell] ?? noTile)
      : cheapestAllowed(pairs.costs, cell, { reuse, neighbours, prices: free.prices, sceneOf });
    if (tile === noTile) return { draft: undefined, lowerBound };
    put(cell, tile);
  }
  const taste = new Taste(layout, cells, nearest, reuse, options.seed);
  improvePlacement(draft, nearest, neighbours, taste, options, order, sceneOf);
  return { draft, lowerBound };
}

/**
 * So small that what an auction may miss is a half per cent of what the cells cost at least, or a
 * thousandth of what a tile costs on the average.
 */
function epsilonFor(costs: Int32Array, cells: number, tiles: number): number {
  let leastSum = 0;
  let sum = 0;
  for (let cell = 0; cell < cells; cell++) {
    let least = Infinity;
    for (let tile = 0; tile < tiles; tile++) {
      const cost = costs[cell * tiles + tile] ?? 0;
      least = Math.min(least, cost);
      sum += cost;
    }
    leastSum += least;
  }
  // In a picture of one colour all cells bid for the same tiles, and prices rise by epsilon only: in
  // proportion to the costs, so that they get there.
  return Math.max(1 / (cells + 1), (leastSum / cells) * 0.005, (sum / costs.length) * 0.001);
}

/** For each tile a cell of its own, so that the cells lose least against their nearest tiles. */
function leastLossCells(
  costs: Int32Array,
  cells: number,
  tiles: number,
  epsilon: number,
): Uint32Array {
  const losses = new Int32Array(tiles * cells);
  for (let cell = 0; cell < cells; cell++) {
    let least = Infinity;
    for (let tile = 0; tile < tiles; tile++)
      least = Math.min(least, costs[cell * tiles + tile] ?? 0);
    for (let tile = 0; tile < tiles; tile++) {
      losses[tile * cells + cell] = (costs[cell * tiles + tile] ?? 0) - least;
    }
  }
  return auction(losses, tiles, new Uint32Array(cells).fill(1), epsilon).objects;
}

function cheapestAllowed(
  costs: Int32Array,
  cell: number,
  state: {
    readonly reuse: Reuse;
    readonly neighbours: Neighbours;
    readonly prices: Float64Array;
    readonly sceneOf: Uint32Array;
  },
): number {
  const { reuse, neighbours, prices, sceneOf } = state;
  const tileCount = prices.length;
  const near = new Set<number>();
  for (let index = neighbours.find(cell) - 1; index >= 0; index--) {
    const tile = reuse.tiles[neighbours.found[index] ?? 0] ?? noTile;
    if (tile !== noTile) near.add(sceneOf[tile]!);
  }
  let best = Infinity;
  let wanted = noTile;
  for (let tile = 0; tile < tileCount; tile++) {
    const total = (costs[cell * tileCount + tile] ?? 0) + (prices[tile] ?? 0);
    if (total >= best || near.has(sceneOf[tile]!) || reuse.isUsedUp(tile)) continue;
    best = total;
    wanted = tile;
  }
  return wanted;
}
