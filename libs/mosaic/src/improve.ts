import type { Candidates } from './candidates';
import type { Neighbours } from './neighbours';
import { firstOfScenes, type MatchOptions } from './placement';
import type { Reuse } from './reuse';
import { noTile } from './rules';
import type { Taste } from './taste';

/** A placement under construction. */
export interface Draft {
  /** Which tile stands in which cell. */
  readonly reuse: Reuse;
  readonly mirrored: Uint8Array;
  /** Squared distance between each cell and its tile, in feature units. */
  readonly costs: Int32Array;
}

/** How often all cells are looked at, at most. */
const passes = 2;
/** How many neighbours may have to give up a tile for one that wants it. */
const mostOwners = 3;

/**
 * Improves a placement by exchanges: a cell takes a nearer tile, and the neighbours that held it too
 * near by take their next best, whenever that lowers the sum of the biased costs and of the prices of
 * reuse. Each exchange keeps the rules. Only candidates come into question.
 *
 * @param order The cells in the order in which they are looked at.
 * @param sceneOf For each tile the one that stands for its scene; each for itself unless given.
 */
export function improvePlacement(
  { reuse, mirrored, costs }: Draft,
  { starts, ids, costs: candidateCosts }: Candidates,
  neighbours: Neighbours,
  taste: Taste,
  options: Pick<MatchOptions, 'useAll'>,
  order: Uint32Array,
  sceneOf: Uint32Array = firstOfScenes(reuse.uses.length),
): void {
  const { tiles, uses } = reuse;
  const tileCount = uses.length;
  // Scenes near the cell under study: stamped in `near` when held by one, in `owners` by whom.
  const near = new Uint32Array(tileCount);
  const ownerCount = new Uint8Array(tileCount);
  const ownersOf = new Int32Array(tileCount * mostOwners);
  const nearOwner = new Uint32Array(tileCount);
  let stamp = 0;
  let ownerStamp = 0;
  const owners = new Int32Array(mostOwners);
  const heldTiles = new Int32Array(mostOwners);
  const replacements = new Int32Array(mostOwners);
  const bestOwners = new Int32Array(mostOwners);
  const bestReplacements = new Int32Array(mostOwners);
  // What a cell's next best tile would cost, when it was last looked for. It may be out of date, which
  // at most hides an exchange; it saves half of the work.
  const alternatives = new Float64Array(tiles.length);

  for (let pass = 0; pass < passes; pass++) {
    let exchanges = 0;
    for (const cell of order) if (improveCell(cell)) exchanges++;
    if (exchanges === 0) return;
  }

  /** Biased cost and price of the tile in a cell. */
  function burdenOf(cell: number): number {
    const tile = tiles[cell] ?? 0;
    return taste.biased(cell, tile, costs[cell] ?? 0) + taste.priceOf(cell, tile);
  }

  function improveCell(cell: number): boolean {
    const first = starts[cell] ?? 0;
    const own = tiles[cell] ?? 0;
    if (taste.isFlat(cell) || (options.useAll && uses[own] === 1)) return false;
    const current = burdenOf(cell);
    if ((candidateCosts[first] ?? 0) >= current) return false;
    noteOwners(cell);
    let bestGain = 0;
    let bestEntry = -1;
    let bestHeld = 0;
    for (let entry = first; entry < (starts[cell + 1] ?? 0); entry++) {
      const id = ids[entry] ?? 0;
      const cost = candidateCosts[entry] ?? 0;
      if (current - cost <= bestGain) break;
      const tile = id % tileCount;
      const biased = taste.biased(cell, tile, cost);
      if (current - biased <= bestGain) continue;
      if (tile === own) {
        // Only the other form of the own tile: nobody has to move.
        const gain = taste.biased(cell, own, costs[cell] ?? 0) - biased;
        if (gain <= bestGain) continue;
        bestGain = gain;
        bestEntry = entry;
        bestHeld = 0;
        continue;
      }
      const scene = sceneOf[tile]!;
      const held = near[scene] === stamp ? (ownerCount[scene] ?? 0) : 0;
      if (held > mostOwners) continue;
      if (held === 0 && reuse.isUsedUp(tile)) continue;
      const gain =
        held === 0
          ? current - biased - taste.priceOf(cell, tile, current - biased - bestGain)
          : gainOfTaking(cell, tile, held, current - biased, bestGain);
      if (gain <= bestGain) continue;
      bestGain = gain;
      bestEntry = entry;
      bestHeld = held;
      bestOwners.set(ownersOf.subarray(scene * mostOwners, (scene + 1) * mostOwners));
      bestReplacements.set(replacements);
    }
    if (bestEntry < 0) return false;
    for (let index = 0; index < bestHeld; index++) {
      put(bestOwners[index] ?? 0, bestReplacements[index] ?? 0);
    }
    put(cell, bestEntry);
    return true;
  }

  /**
   * What it gains that a cell takes a tile from its owners, given what the cell saves by that; no more
   * than `least` when that is known not to be exceeded. Sets `replacements`.
   */
  function gainOfTaking(
    cell: number,
    tile: number,
    held: number,
    saved: number,
    least: number,
  ): number {
    for (let index = 0; index < held; index++) {
      owners[index] = ownersOf[sceneOf[tile]! * mostOwners + index] ?? 0;
    }
    let before = 0;
    let after = 0;
    for (let index = 0; index < held; index++) {
      const owner = owners[index] ?? 0;
      const burden = burdenOf(owner);
      before += burden;
      after += Math.max(burden, alternatives[owner] ?? 0);
    }
    if (saved + before - after <= least) return least;

    const own = tiles[cell] ?? 0;
    // Try it out: the cell holds the tile, its owners nothing.
    reuse.remove(cell);
    for (let index = 0; index < held; index++) {
      heldTiles[index] = tiles[owners[index] ?? 0] ?? 0;
      reuse.remove(owners[index] ?? 0);
    }
    // The owners may have held other tiles of the scene.
    let gain = reuse.isUsedUp(tile)
      ? least
      : saved + before - taste.priceOf(cell, tile, saved + before - least);
    reuse.place(cell, tile);
    let tried = 0;
    while (tried < held && gain > least) {
      const owner = owners[tried] ?? 0;
      const { entry, burden } = bestFree(owner, tile, gain - least);
      alternatives[owner] = burden;
      gain -= burden;
      if (entry < 0) {
        gain = least;
        break;
      }
      replacements[tried] = entry;
      reuse.place(owner, (ids[entry] ?? 0) % tileCount);
      tried++;
    }
    for (let index = 0; index < tried; index++) reuse.remove(owners[index] ?? 0);
    reuse.remove(cell);
    for (let index = held - 1; index >= 0; index--) {
      reuse.place(owners[index] ?? 0, heldTiles[index] ?? 0);
    }
    reuse.place(cell, own);
    return gain;
  }

  /** The least burdensome candidate of a cell besides a tile, if it is less than `limit`. */
  function bestFree(cell: number, without: number, limit: number) {
    let best = -1;
    let burden = limit;
    let isNoted = false;
    for (let entry = starts[cell] ?? 0; entry < (starts[cell + 1] ?? 0); entry++) {
      const id = ids[entry] ?? 0;
      const cost = candidateCosts[entry] ?? 0;
      if (cost >= burden) break;
      const tile = id % tileCount;
      if (sceneOf[tile] === sceneOf[without] || reuse.isUsedUp(tile)) continue;
      const biased = taste.biased(cell, tile, cost);
      if (biased >= burden) continue;
      if (!isNoted) noteNear(cell);
      isNoted = true;
      if (nearOwner[sceneOf[tile]!] === ownerStamp) continue;
      const total = biased + taste.priceOf(cell, tile, burden - biased);
      if (total >= burden) continue;
      burden = total;
      best = entry;
    }
    return { entry: best, burden };
  }

  function put(cell: number, entry: number): void {
    const id = ids[entry] ?? 0;
    reuse.remove(cell);
    reuse.place(cell, id % tileCount);
    mirrored[cell] = id >= tileCount ? 1 : 0;
    costs[cell] = candidateCosts[entry] ?? 0;
    alternatives[cell] = 0;
  }

  /** Notes for each tile near a cell which cells hold it. */
  function noteOwners(cell: number): void {
    stamp++;
    for (let index = neighbours.find(cell) - 1; index >= 0; index--) {
      const other = neighbours.found[index] ?? 0;
      const scene = sceneOf[tiles[other] ?? noTile] ?? noTile;
      if (near[scene] !== stamp) {
        near[scene] = stamp;
        ownerCount[scene] = 0;
      }
      const held = ownerCount[scene] ?? 0;
      if (held < mostOwners) ownersOf[scene * mostOwners + held] = other;
      ownerCount[scene] = Math.min(255, held + 1);
    }
  }

  function noteNear(cell: number): void {
    ownerStamp++;
    for (let index = neighbours.find(cell) - 1; index >= 0; index--) {
      const tile = tiles[neighbours.found[index] ?? 0] ?? noTile;
      if (tile !== noTile) nearOwner[sceneOf[tile]!] = ownerStamp;
    }
  }
}
