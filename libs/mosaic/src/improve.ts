import { candidatesPerCell as count, noCandidate, type Candidates } from './candidates';
import type { Grid } from './grid';
import type { MatchOptions } from './placement';
import { noTile } from './rules';

/** A placement under construction. */
export interface Draft {
  readonly tiles: Uint32Array;
  readonly mirrored: Uint8Array;
  readonly costs: Int32Array;
}

/** How often all cells are looked at, at most. */
const passes = 2;
/** How many neighbours may have to give up a tile for one that wants it. */
const mostOwners = 3;

/**
 * Improves a placement by exchanges: a cell takes a nearer tile, and the neighbours that held it too
 * near by take their next best, whenever that lowers the sum of the costs. Each exchange keeps the
 * rules. Only candidates come into question.
 *
 * @param order The cells in the order in which they are looked at.
 */
export function improvePlacement(
  draft: Draft,
  candidates: Candidates,
  tileCount: number,
  grid: Pick<Grid, 'columns' | 'rows'>,
  options: Pick<MatchOptions, 'repeatDistance' | 'maxUses' | 'useAll'>,
  order: Uint32Array,
): void {
  const { tiles, mirrored, costs } = draft;
  const { ids, costs: candidateCosts } = candidates;
  const { columns, rows } = grid;
  const reach = options.repeatDistance;
  const maxUses = options.maxUses ?? Infinity;
  const uses = new Uint32Array(tileCount);
  for (const tile of tiles) uses[tile] = (uses[tile] ?? 0) + 1;

  // Tiles near the cell under study: stamped in `near` when held by one, in `owners` by whom.
  const near = new Uint32Array(tileCount);
  const ownerCount = new Uint8Array(tileCount);
  const owners = new Uint32Array(tileCount * mostOwners);
  const nearOwner = new Uint32Array(tileCount);
  let stamp = 0;
  let ownerStamp = 0;
  const replacements = new Uint32Array(mostOwners);
  // What a cell's next best tile would cost, at least, when it was last looked for. It may be out of
  // date, which at most hides an exchange; it saves half of the work.
  const alternatives = new Int32Array(tiles.length);

  for (let pass = 0; pass < passes; pass++) {
    let exchanges = 0;
    for (const cell of order) if (improveCell(cell)) exchanges++;
    if (exchanges === 0) return;
  }

  function improveCell(cell: number): boolean {
    const current = costs[cell] ?? 0;
    const first = cell * count;
    if ((candidateCosts[first] ?? 0) >= current) return false;
    if (isLastUse(cell)) return false;
    noteOwners(cell);
    let bestGain = 0;
    let bestEntry = -1;
    const bestReplacements: number[] = [];
    for (let entry = first; entry < first + count; entry++) {
      const id = ids[entry] ?? noCandidate;
      const cost = candidateCosts[entry] ?? 0;
      if (id === noCandidate || current - cost <= bestGain) break;
      const tile = id % tileCount;
      if (tile === tiles[cell]) {
        // Only the other form of the own tile: nobody has to move.
        bestGain = current - cost;
        bestEntry = entry;
        bestReplacements.length = 0;
        continue;
      }
      const held = near[tile] === stamp ? (ownerCount[tile] ?? 0) : 0;
      if (held > mostOwners) continue;
      if (held === 0 && (uses[tile] ?? 0) >= maxUses) continue;
      const gain = current - cost - lossOfOwners(cell, tile, held, current - cost - bestGain);
      if (gain <= bestGain) continue;
      bestGain = gain;
      bestEntry = entry;
      bestReplacements.length = 0;
      for (let index = 0; index < held; index++) bestReplacements.push(replacements[index] ?? 0);
    }
    if (bestEntry < 0) return false;
    const tile = (ids[bestEntry] ?? 0) % tileCount;
    bestReplacements.forEach((entry, index) => {
      put(owners[tile * mostOwners + index] ?? 0, entry);
    });
    put(cell, bestEntry);
    return true;
  }

  /** Would a tile go unused without this cell, though every tile is to be used? */
  function isLastUse(cell: number): boolean {
    return options.useAll && uses[tiles[cell] ?? 0] === 1;
  }

  /** What it costs that the owners of a tile give it up, or at least `limit`. Sets `replacements`. */
  function lossOfOwners(cell: number, tile: number, held: number, limit: number): number {
    let least = 0;
    for (let index = 0; index < held; index++) {
      const owner = owners[tile * mostOwners + index] ?? 0;
      least += Math.max(0, (alternatives[owner] ?? 0) - (costs[owner] ?? 0));
    }
    if (least >= limit) return limit;

    let loss = 0;
    let tried = 0;
    const before = tiles[cell] ?? noTile;
    // Try it out: the cell holds the tile, its owners nothing.
    tiles[cell] = tile;
    for (let index = 0; index < held; index++)
      tiles[owners[tile * mostOwners + index] ?? 0] = noTile;
    for (let index = 0; index < held && loss < limit; index++) {
      const owner = owners[tile * mostOwners + index] ?? 0;
      const most = (costs[owner] ?? 0) + limit - loss;
      const entry = bestFree(owner, tile, most);
      alternatives[owner] = entry < 0 ? most : (candidateCosts[entry] ?? 0);
      if (entry < 0) {
        loss = limit;
        break;
      }
      const replacement = (ids[entry] ?? 0) % tileCount;
      replacements[index] = entry;
      tiles[owner] = replacement;
      uses[replacement] = (uses[replacement] ?? 0) + 1;
      tried++;
      loss += (candidateCosts[entry] ?? 0) - (costs[owner] ?? 0);
    }
    for (let index = 0; index < tried; index++) {
      const replacement = (ids[replacements[index] ?? 0] ?? 0) % tileCount;
      uses[replacement] = (uses[replacement] ?? 0) - 1;
    }
    for (let index = 0; index < held; index++) tiles[owners[tile * mostOwners + index] ?? 0] = tile;
    tiles[cell] = before;
    return loss;
  }

  /** The nearest candidate of a cell that no neighbour holds and that is cheaper than `limit`; or -1. */
  function bestFree(cell: number, without: number, limit: number): number {
    let noted = false;
    for (let entry = cell * count; entry < (cell + 1) * count; entry++) {
      const id = ids[entry] ?? noCandidate;
      if (id === noCandidate || (candidateCosts[entry] ?? 0) >= limit) return -1;
      const tile = id % tileCount;
      if (tile === without || (uses[tile] ?? 0) >= maxUses) continue;
      if (!noted) noteNear(cell);
      noted = true;
      if (nearOwner[tile] !== ownerStamp) return entry;
    }
    return -1;
  }

  function put(cell: number, entry: number): void {
    const id = ids[entry] ?? 0;
    const old = tiles[cell] ?? 0;
    uses[old] = (uses[old] ?? 0) - 1;
    uses[id % tileCount] = (uses[id % tileCount] ?? 0) + 1;
    tiles[cell] = id % tileCount;
    mirrored[cell] = id >= tileCount ? 1 : 0;
    costs[cell] = candidateCosts[entry] ?? 0;
    alternatives[cell] = 0;
  }

  /** Notes for each tile near a cell which cells hold it. */
  function noteOwners(cell: number): void {
    stamp++;
    const area = areaAround(cell);
    for (let row = area.top; row <= area.bottom; row += columns) {
      for (let other = row + area.left; other <= row + area.right; other++) {
        const tile = tiles[other] ?? noTile;
        if (other === cell) continue;
        if (near[tile] !== stamp) {
          near[tile] = stamp;
          ownerCount[tile] = 0;
        }
        const held = ownerCount[tile] ?? 0;
        if (held < mostOwners) owners[tile * mostOwners + held] = other;
        ownerCount[tile] = held + 1;
      }
    }
  }

  function noteNear(cell: number): void {
    ownerStamp++;
    const area = areaAround(cell);
    for (let row = area.top; row <= area.bottom; row += columns) {
      for (let other = row + area.left; other <= row + area.right; other++) {
        const tile = tiles[other] ?? noTile;
        if (tile !== noTile) nearOwner[tile] = ownerStamp;
      }
    }
  }

  /** The cells within reach: first cells of the top and the bottom row, first and last column. */
  function areaAround(cell: number) {
    const column = cell % columns;
    const row = Math.floor(cell / columns);
    return {
      top: Math.max(0, row - reach) * columns,
      bottom: Math.min(rows - 1, row + reach) * columns,
      left: Math.max(0, column - reach),
      right: Math.min(columns - 1, column + reach),
    };
  }
}
