import { blockSize, lanesAtOnce } from './search-kernel';

/**
 * Vectors in blocks of near ones. Each block knows its bounding box, so a search can skip blocks
 * that lie too far away as a whole.
 */
export interface BlockIndex {
  readonly blockCount: number;
  /**
   * `blockSize` vectors a block, interleaved for the search: of four vectors numbers 0 and 1 of each,
   * then numbers 2 and 3 of each, and so on.
   */
  readonly vectors: Int16Array;
  /** Tile of each slot; -1 in the empty slots at the end of the last block. */
  readonly tileIds: Int32Array;
  /** Used groups of four slots in each block. */
  readonly groups: Int32Array;
  /** Least and greatest value of each number in each block. */
  readonly lows: Int16Array;
  readonly highs: Int16Array;
}

/** A value farther from every feature than any other, for slots without a tile. */
const farAway = 20_000;

/**
 * Divides vectors into blocks: the set is halved at the median of the number that varies most, until
 * a part fits a block (the build of a k-d tree, of which only the leaves are kept).
 *
 * @param vectors `length` numbers for each tile of the library.
 * @param from The first tile to take.
 * @param to The tile after the last one.
 */
export function buildBlockIndex(
  vectors: Int16Array,
  length: number,
  from: number,
  to: number,
): BlockIndex {
  const count = to - from;
  const blockCount = Math.ceil(count / blockSize);
  const order = Int32Array.from({ length: count }, (_, index) => from + index);
  divide(vectors, length, order, 0, count);

  const tileIds = new Int32Array(blockCount * blockSize).fill(-1);
  tileIds.set(order);
  const interleaved = new Int16Array(blockCount * blockSize * length);
  const lows = new Int16Array(blockCount * length).fill(0x7fff);
  const highs = new Int16Array(blockCount * length).fill(-0x8000);
  tileIds.forEach((tile, slot) => {
    const lane = slot % lanesAtOnce;
    const to = (slot - lane) * length + lane * 2;
    if (tile < 0) {
      interleaved[to] = farAway;
      return;
    }
    const box = Math.floor(slot / blockSize) * length;
    for (let index = 0; index < length; index++) {
      const value = vectors[tile * length + index] ?? 0;
      interleaved[to + (index >> 1) * 8 + (index & 1)] = value;
      if (value < (lows[box + index] ?? 0)) lows[box + index] = value;
      if (value > (highs[box + index] ?? 0)) highs[box + index] = value;
    }
  });
  const groups = Int32Array.from({ length: blockCount }, (_, block) =>
    Math.ceil(Math.min(blockSize, count - block * blockSize) / lanesAtOnce),
  );
  return { blockCount, vectors: interleaved, tileIds, groups, lows, highs };
}

/** Orders `order[from..to)` so that each run of `blockSize` from the start is a block. */
function divide(
  vectors: Int16Array,
  length: number,
  order: Int32Array,
  from: number,
  to: number,
): void {
  const blocks = Math.ceil((to - from) / blockSize);
  if (blocks < 2) return;
  const widest = widestNumber(vectors, length, order, from, to);
  const middle = from + Math.floor(blocks / 2) * blockSize;
  select(order, from, to - 1, middle, (tile) => vectors[tile * length + widest] ?? 0);
  divide(vectors, length, order, from, middle);
  divide(vectors, length, order, middle, to);
}

function widestNumber(
  vectors: Int16Array,
  length: number,
  order: Int32Array,
  from: number,
  to: number,
): number {
  // A sample tells the widths well enough.
  const step = Math.max(1, Math.floor((to - from) / 1_024));
  const sums = new Float64Array(length);
  const squares = new Float64Array(length);
  let samples = 0;
  for (let slot = from; slot < to; slot += step) {
    const at = (order[slot] ?? 0) * length;
    samples++;
    for (let index = 0; index < length; index++) {
      const value = vectors[at + index] ?? 0;
      sums[index] = (sums[index] ?? 0) + value;
      squares[index] = (squares[index] ?? 0) + value * value;
    }
  }
  const variances = squares.map((square, index) => square - (sums[index] ?? 0) ** 2 / samples);
  return variances.indexOf(Math.max(...variances));
}

/** Hoare's quickselect: what belongs at `wanted` comes there, lesser before it, greater behind it. */
function select(
  order: Int32Array,
  first: number,
  last: number,
  wanted: number,
  keyOf: (tile: number) => number,
): void {
  while (first < last) {
    const pivot = keyOf(order[(first + last) >> 1] ?? 0);
    let low = first;
    let high = last;
    while (low <= high) {
      while (keyOf(order[low] ?? 0) < pivot) low++;
      while (keyOf(order[high] ?? 0) > pivot) high--;
      if (low > high) break;
      const kept = order[low] ?? 0;
      order[low++] = order[high] ?? 0;
      order[high--] = kept;
    }
    if (wanted <= high) last = high;
    else if (wanted >= low) first = low;
    else return;
  }
}
