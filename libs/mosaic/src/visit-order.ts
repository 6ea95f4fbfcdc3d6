import type { CellLayout } from './cells';

/**
 * The order in which cells choose: by diagonals, from a corner that the seed picks. A cell then has
 * most of its placed neighbours on one side, so a tile recurs as soon as its distance allows, where a
 * random order leaves gaps in which it fits nowhere: +0.2 dB of luma and less colour difference
 * (docs/matching.md).
 */
export function visitOrder(layout: CellLayout, seed: number): Uint32Array {
  const { count, columns, rows, left, top, span } = layout;
  // Twice the coordinates of the cells' centres, from the corner.
  const diagonals = Uint32Array.from({ length: count }, (_, cell) => {
    const x = 2 * (left[cell] ?? 0) + (span[cell] ?? 0);
    const y = 2 * (top[cell] ?? 0) + (span[cell] ?? 0);
    return (seed & 1 ? 2 * columns - x : x) + (seed & 2 ? 2 * rows - y : y);
  });
  // A counting sort: stable, so that cells of one diagonal keep the order of the layout.
  const starts = new Uint32Array(2 * (columns + rows) + 2);
  for (const diagonal of diagonals) starts[diagonal + 1] = (starts[diagonal + 1] ?? 0) + 1;
  for (let at = 1; at < starts.length; at++) {
    starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  }
  const order = new Uint32Array(count);
  diagonals.forEach((diagonal, cell) => {
    const at = starts[diagonal] ?? 0;
    order[at] = cell;
    starts[diagonal] = at + 1;
  });
  return order;
}
