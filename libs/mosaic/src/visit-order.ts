import { cellCount, type Grid } from './grid';

/**
 * The order in which cells choose: by diagonals, from a corner that the seed picks. A cell then has
 * most of its placed neighbours on one side, so a tile recurs as soon as its distance allows, where a
 * random order leaves gaps in which it fits nowhere: +0.2 dB of luma and less colour difference
 * (docs/matching.md).
 */
export function visitOrder(grid: Pick<Grid, 'columns' | 'rows'>, seed: number): Uint32Array {
  const { columns, rows } = grid;
  const order = new Uint32Array(cellCount(grid));
  let next = 0;
  for (let diagonal = 0; diagonal < columns + rows - 1; diagonal++) {
    const last = Math.min(diagonal, columns - 1);
    for (let x = Math.max(0, diagonal - rows + 1); x <= last; x++) {
      const column = seed & 1 ? columns - 1 - x : x;
      const row = seed & 2 ? rows - 1 - (diagonal - x) : diagonal - x;
      order[next++] = row * columns + column;
    }
  }
  return order;
}
