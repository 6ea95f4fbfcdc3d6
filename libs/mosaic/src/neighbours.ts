import type { CellLayout } from './cells';

/**
 * Finds the cells that are too near to a cell to hold the same tile: those with fewer than `distance`
 * cells between, of the smaller one's size. In a uniform grid these are the cells within `distance`,
 * across, down or diagonally.
 */
export class Neighbours {
  /** The cells that the last `find` found; as many of them as it returned. */
  readonly found: Int32Array;
  /** Which cell covers each unit. */
  private readonly owners: Int32Array;

  constructor(
    private readonly layout: CellLayout,
    private readonly distance: number,
  ) {
    const { count, columns, rows, left, top, span, largestSpan } = layout;
    this.owners = new Int32Array(columns * rows);
    for (let cell = 0; cell < count; cell++) {
      const side = span[cell] ?? 0;
      for (let y = top[cell] ?? 0; y < (top[cell] ?? 0) + side; y++) {
        const start = y * columns + (left[cell] ?? 0);
        this.owners.fill(cell, start, start + side);
      }
    }
    let most = 0;
    for (let size = 1; size <= largestSpan; size *= 2) most += (2 * distance + size) ** 2;
    this.found = new Int32Array(Math.min(most, count));
  }

  /** @returns How many cells are too near to this one; it itself is not counted. */
  find(cell: number): number {
    if (this.distance === 0) return 0;
    const { left, top, span } = this.layout;
    const side = span[cell] ?? 0;
    const x = left[cell] ?? 0;
    const y = top[cell] ?? 0;
    let count = this.findLarger(cell, x, y, side);
    for (let size = side / 2; size >= 1; size /= 2) {
      count = this.findOfSize(size, x, y, side, count);
    }
    return count;
  }

  /** The cells that are no smaller: each covers at least one place of a lattice of this cell's size. */
  private findLarger(cell: number, x: number, y: number, side: number): number {
    const { layout, owners, found } = this;
    const { columns, rows, left, top, span } = layout;
    const reach = this.distance * side;
    const firstX = x - Math.min(this.distance, Math.floor(x / side)) * side;
    const firstY = y - Math.min(this.distance, Math.floor(y / side)) * side;
    const lastX = Math.min(columns - 1, x + reach);
    const lastY = Math.min(rows - 1, y + reach);
    let count = 0;
    for (let atY = firstY; atY <= lastY; atY += side) {
      for (let atX = firstX; atX <= lastX; atX += side) {
        const other = owners[atY * columns + atX]!;
        const otherSide = span[other]!;
        if (otherSide < side || other === cell) continue;
        // A larger one covers several places: it counts at the first.
        if (otherSide > side) {
          if (atX > firstX && atX > left[other]!) continue;
          if (atY > firstY && atY > top[other]!) continue;
        }
        found[count++] = other;
      }
    }
    return count;
  }

  /** The cells of one smaller size. */
  private findOfSize(size: number, x: number, y: number, side: number, from: number): number {
    const { layout, owners, found } = this;
    const { columns, rows, left, top, span } = layout;
    const reach = this.distance * size;
    const firstX = Math.max(x - reach, x % size);
    const firstY = Math.max(y - reach, y % size);
    const lastX = Math.min(columns - 1, x + side + reach - size);
    const lastY = Math.min(rows - 1, y + side + reach - size);
    let count = from;
    for (let atY = firstY; atY <= lastY; atY += size) {
      for (let atX = firstX; atX <= lastX; atX += size) {
        if (atX === x && atY >= y && atY < y + side) atX += side;
        if (atX > lastX) break;
        const other = owners[atY * columns + atX]!;
        if (span[other] === size && left[other] === atX && top[other] === atY)
          found[count++] = other;
      }
    }
    return count;
  }
}
