import type { CellLayout } from './cells';
import { noTile } from './rules';

/** How many cells away a use of a tile still has its price. */
const reach = 24;

/** Where each tile stands, and what it costs to use it again nearby. */
export class Reuse {
  /** The tile in each cell, `noTile` where there is none. */
  readonly tiles: Uint32Array;
  /** How often each tile is used. */
  readonly uses: Uint32Array;
  // The cells of each tile as a doubly linked list; -1 is the end.
  private readonly first: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;

  constructor(
    private readonly layout: CellLayout,
    tileCount: number,
    private readonly maxUses = Infinity,
  ) {
    this.tiles = new Uint32Array(layout.count).fill(noTile);
    this.uses = new Uint32Array(tileCount);
    this.first = new Int32Array(tileCount).fill(-1);
    this.next = new Int32Array(layout.count).fill(-1);
    this.previous = new Int32Array(layout.count).fill(-1);
  }

  place(cell: number, tile: number): void {
    const first = this.first[tile]!;
    this.tiles[cell] = tile;
    this.uses[tile]!++;
    this.next[cell] = first;
    this.previous[cell] = -1;
    if (first >= 0) this.previous[first] = cell;
    this.first[tile] = cell;
  }

  /** Takes the tile out of a cell. */
  remove(cell: number): void {
    const tile = this.tiles[cell]!;
    const [before, after] = [this.previous[cell]!, this.next[cell]!];
    if (before >= 0) this.next[before] = after;
    else this.first[tile] = after;
    if (after >= 0) this.previous[after] = before;
    this.uses[tile]!--;
    this.tiles[cell] = noTile;
  }

  isUsedUp(tile: number): boolean {
    return this.uses[tile]! >= this.maxUses;
  }

  /**
   * How near a tile's other uses are to a cell: for each the square of 1 beside it, falling to 0 at
   * `reach` cells of the mean size. Summed up, or any number of at least `limit`.
   */
  nearness(cell: number, tile: number, limit: number): number {
    const { left, top, span } = this.layout;
    const { next } = this;
    const x = left[cell]!;
    const y = top[cell]!;
    const side = span[cell]!;
    let sum = 0;
    for (let other = this.first[tile]!; other >= 0 && sum < limit; other = next[other]!) {
      if (other === cell) continue;
      const otherX = left[other]!;
      const otherY = top[other]!;
      const otherSide = span[other]!;
      const across = otherX > x ? otherX - x - side : x - otherX - otherSide;
      const down = otherY > y ? otherY - y - side : y - otherY - otherSide;
      const near = 1 - (2 * (across > down ? across : down)) / ((side + otherSide) * reach);
      if (near > 0) sum += near * near;
    }
    return sum;
  }
}
