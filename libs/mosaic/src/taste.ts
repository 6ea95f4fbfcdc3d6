import { candidatesPerCell, type Candidates } from './candidates';
import type { CellLayout } from './cells';
import { featureLength, textureAt, type Features } from './features';
import type { Reuse } from './reuse';

/** The most by which a cost may seem larger than it is, in tolerances: see `Taste`. */
const mostBias = 0.5;
/** What a use of a tile right beside another costs, in tolerances. */
const reusePrice = 0.4;

/**
 * What a cell finds too dear besides the distance: a tile that is used nearby, and, by a whim that
 * differs from place to place, any tile. Both keep a mosaic from becoming wallpaper.
 *
 * A hard repeat distance alone makes it. Where a picture is flat the same few tiles fit everywhere, and
 * each comes back exactly as soon as it may.
 *
 * Both are measured in the cell's tolerance: where the target has no detail of its own, what its nearest
 * tile costs; and the less of it, the more detail there is that a tile has to fit.
 */
export class Taste {
  private readonly tolerances: Float64Array;
  private readonly places: Int32Array;

  constructor(
    { count, left, top }: CellLayout,
    cells: Features,
    { starts, costs }: Candidates,
    private readonly reuse: Reuse,
    seed: number,
  ) {
    this.places = Int32Array.from({ length: count }, (_, cell) =>
      mix(mix(seed ^ mix(left[cell] ?? 0)) + (top[cell] ?? 0)),
    );
    this.tolerances = Float64Array.from({ length: count }, (_, cell) => {
      const usual = (starts[cell] ?? 0) + candidatesPerCell - 1;
      return usual < (starts[cell + 1] ?? 0) ? toleranceOf(cells, cell, costs[usual] ?? 0) : 0;
    });
  }

  /** Has the target no detail in a cell, so that many tiles fit it? */
  isFlat(cell: number): boolean {
    return (this.tolerances[cell] ?? 0) > 0;
  }

  /** The cost of a tile in a cell with the bias of the place. */
  biased(cell: number, tile: number, cost: number): number {
    const tolerance = this.tolerances[cell] ?? 0;
    if (tolerance === 0) return cost;
    const bits = Math.imul((this.places[cell] ?? 0) ^ Math.imul(tile + 1, 0x9e3779b1), 0x85ebca6b);
    const whim = ((bits ^ (bits >>> 15)) & 0xffff) / 0x10000;
    return cost + mostBias * whim * tolerance;
  }

  /** The price of a tile's other uses for a cell, or any number of at least `limit`. */
  priceOf(cell: number, tile: number, limit = Infinity): number {
    const price = reusePrice * (this.tolerances[cell] ?? 0);
    return price === 0 ? 0 : price * this.reuse.nearness(cell, tile, limit / price);
  }
}

/** How much detail a cell may have, in shares of what its farther candidates cost, to count as flat. */
const flatShare = 0.001;

/**
 * How much dearer a tile may be for a cell without anybody seeing it: nothing where the target has detail
 * that a tile has to fit.
 *
 * @param usual What the last of a cell's usual candidates costs.
 */
export function toleranceOf(cells: Features, cell: number, usual: number): number {
  return Math.max(0, usual - detailOf(cells, cell) / flatShare);
}

/** The squared detail of a cell: all numbers but the means and the texture. */
function detailOf({ space, values }: Features, cell: number): number {
  const length = featureLength(space);
  let sum = 0;
  for (let at = cell * length + textureAt + 1; at < (cell + 1) * length; at++)
    sum += (values[at] ?? 0) ** 2;
  return sum;
}

/** Spreads the bits of a number: the finaliser of MurmurHash3 by Austin Appleby (public domain). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
