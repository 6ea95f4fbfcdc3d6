import { divideIntoCells, type CellArea, type CellLayout } from './cells';
import {
  detailWeight,
  featureLength,
  featuresOfMeans,
  hideTexture,
  isTextureSeen,
  subCellMeans,
  unitsPerLevel,
  type Features,
} from './features';
import type { PreparedLibrary } from './library';
import type { Pixels } from './pixels';
import type { MatchOptions } from './placement';
import { limitMargin } from './candidates';
import { unreachable } from './search-kernel';
import { createSearcher, searchOptions } from './searcher';

export interface ChooseCellsRequest {
  /** The target, 4 x 4 pixels a unit (the feature space's subdivisions). */
  readonly pixels: Pixels;
  readonly area: CellArea;
  readonly library: PreparedLibrary;
  readonly options: MatchOptions;
  /** How many cells there shall be, at most; never fewer than the largest blocks make. */
  readonly cells: number;
}

export interface ChosenCells {
  readonly layout: CellLayout;
  /** One vector a cell, in the order of the layout. */
  readonly cells: Features;
}

/**
 * What a cell can count on: the mean of so many of its nearest tiles. The repeat distance leaves the
 * very nearest to one cell of many.
 */
const likelyTiles = 20;

/** In a small library fewer tiles resemble a cell at all: one of so many. */
const tilesForLikely = 36;

/** How much more the target's detail counts that a tile of a size cannot show than other errors. */
const hiddenWeight = 2;

/** Luma levels squared that are added to the local variance before it weighs errors down. */
const calmVariance = 60;

/** At most so many steps, and no more once the price is known to such a share of it. */
const bisections = 48;
const exactness = 1e-4;

/**
 * Divides a picture into small cells where it has detail and large ones where it is calm.
 *
 * The error of a block of each size is measured: how far it is from the tiles that it is likely to get,
 * and how much detail of the target no tile of that size can show. It counts less where the picture is
 * busy, since there the eye forgives more (as in SSIM). Then the quadtree with the least sum of errors
 * plus a price for each cell is found from the leaves up, with the price that makes the wanted number of
 * cells, found by bisection (Chou, Lookabaugh and Gray 1989, 'Optimal pruning with applications to
 * tree-structured source coding').
 *
 * Only as many blocks of a size are looked into as could be divided at all with so many cells, those with
 * the largest errors first. That saves most of the work.
 */
export function chooseCells(request: ChooseCellsRequest): ChosenCells {
  const { area, library, cells: budget } = request;
  const levels = measureLevels(request);
  const divisions = divisionsWithin(levels, budget);
  const levelOf = (span: number) => levels.findIndex((level) => level.span === span);
  const layout = divideIntoCells(area, (left, top, span) => {
    const index = levelOf(span);
    return divisions[index]?.[blockAt(levels[index], left, top)] === 1;
  });
  const length = featureLength(library.features.space);
  const values = new Int16Array(layout.count * length);
  layout.span.forEach((span, cell) => {
    const level = levels[levelOf(span)];
    const rank = level?.rank[blockAt(level, layout.left[cell] ?? 0, layout.top[cell] ?? 0)] ?? -1;
    if (!level || rank < 0) throw new Error('Every cell was measured.');
    values.set(level.values.subarray(rank * length, (rank + 1) * length), cell * length);
  });
  return { layout, cells: { space: library.features.space, count: layout.count, values } };
}

/** The blocks of one size that lie wholly inside the picture, row by row. */
interface Level {
  readonly span: number;
  readonly across: number;
  readonly down: number;
  /** Those that were measured. */
  readonly blocks: Uint32Array;
  /** Where the vector of a block lies among `values`; -1 where it was not measured. */
  readonly rank: Int32Array;
  readonly values: Int16Array;
  readonly errors: Float64Array;
  /** How much an error counts in a block. */
  readonly weights: Float64Array;
  /** 1 where the block may be divided: its four children are measured. */
  readonly isOpen: Uint8Array;
}

const blockAt = (level: Level | undefined, left: number, top: number): number =>
  level ? (top / level.span) * level.across + left / level.span : -1;

/** Measures blocks from the largest to single units. */
function measureLevels({ pixels, area, library, options, cells }: ChooseCellsRequest): Level[] {
  const { space } = library.features;
  const side = space.subdivisions;
  const mostDivided = Math.ceil(cells / 3);
  const likely = Math.min(likelyTiles, Math.ceil(library.features.count / tilesForLikely));
  const levels: Level[] = [];
  for (const { span, across, down, means, squares } of makePyramid(pixels, area, side)) {
    const parent = levels.at(-1);
    const blocks = blocksToMeasure(parent, across, down);
    const values = featuresOfMeans(means, across, blocks, space);
    if (!isTextureSeen(span, Math.max(area.columns, area.rows))) hideTexture(values, space);
    const measured: Features = { space, count: blocks.length, values };
    const { best, search } = createSearcher(
      library,
      measured,
      searchOptions({ options, cells: measured }, likely),
    );
    const rank = new Int32Array(across * down).fill(-1);
    const errors = new Float64Array(across * down);
    const weights = new Float64Array(across * down);
    let limit = unreachable;
    blocks.forEach((block, number) => {
      // A block resembles the one before it, so what that one needed is a good first limit.
      search(number, limit);
      if (best.at(-2) === 0xffffffff && limit < unreachable) search(number);
      limit = Math.min(unreachable, Math.ceil((best.at(-1) ?? 0) * limitMargin));
      const { hidden, variance } = detailIn(means, squares, across * side, side, block);
      const column = block % across;
      const row = Math.floor(block / across);
      const weight = isWhole(parent, column, row)
        ? (parent.weights[(row >> 1) * parent.across + (column >> 1)] ?? 0)
        : 1 / Math.sqrt(variance + calmVariance);
      const lost = hiddenWeight * hidden * (unitsPerLevel * detailWeight) ** 2;
      rank[block] = number;
      weights[block] = weight;
      errors[block] = weight * span ** 2 * (meanCost(best) + lost);
    });
    const isOpen =
      span > 1 ? largestErrors(blocks, errors, mostDivided) : new Uint8Array(across * down);
    levels.push({ span, across, down, blocks, rank, values, errors, weights, isOpen });
  }
  return levels;
}

/** Does a block lie in one of the next larger size that is whole? */
function isWhole(parent: Level | undefined, column: number, row: number): parent is Level {
  return parent !== undefined && column >> 1 < parent.across && row >> 1 < parent.down;
}

/** Those in blocks that may be divided, or that must be, because they reach beyond the picture. */
function blocksToMeasure(parent: Level | undefined, across: number, down: number): Uint32Array {
  const blocks: number[] = [];
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      const isClosed =
        isWhole(parent, column, row) &&
        parent.isOpen[(row >> 1) * parent.across + (column >> 1)] === 0;
      if (!isClosed) blocks.push(row * across + column);
    }
  }
  return Uint32Array.from(blocks);
}

function largestErrors(blocks: Uint32Array, errors: Float64Array, most: number): Uint8Array {
  const isOpen = new Uint8Array(errors.length);
  const byError = Array.from(blocks).sort((a, b) => (errors[b] ?? 0) - (errors[a] ?? 0) || a - b);
  for (const block of byError.slice(0, most)) isOpen[block] = 1;
  return isOpen;
}

/** The mean cost of the tiles that a search found. */
function meanCost(best: Uint32Array): number {
  let sum = 0;
  let found = 0;
  for (let at = 0; at < best.length && best[at] !== 0xffffffff; at += 2) {
    sum += best[at + 1] ?? 0;
    found++;
  }
  return found === 0 ? 0 : sum / found;
}

interface PyramidLevel {
  readonly span: number;
  readonly across: number;
  readonly down: number;
  /** Means of Y, Cb and Cr of each sub-cell, interleaved. */
  readonly means: Float64Array;
  /** Means of the squares of luma in each sub-cell. */
  readonly squares: Float64Array;
}

/** Sub-cell means of the blocks of all sizes, the largest first. */
function makePyramid(
  pixels: Pixels,
  { columns, rows, largestSpan }: CellArea,
  side: number,
): PyramidLevel[] {
  const levels: PyramidLevel[] = [];
  let means = subCellMeans(pixels, columns * side, rows * side);
  let squares = new Float64Array(columns * rows * side ** 2);
  let [across, down] = [columns, rows];
  for (let span = 1; ; span *= 2) {
    // Detail finer than half a unit is nothing that anybody could see in the whole picture.
    if (span <= 2) squares = squares.map((_, at) => (means[at * 3] ?? 0) ** 2);
    levels.unshift({ span, across, down, means, squares });
    if (span === largestSpan) return levels;
    const width = across * side;
    [across, down] = [Math.floor(columns / (span * 2)), Math.floor(rows / (span * 2))];
    means = halve(means, 3, width, across * side, down * side);
    squares = halve(squares, 1, width, across * side, down * side);
  }
}

/** Means of 2 x 2 neighbours; what is left over at the edges is left out. */
function halve(
  values: Float64Array<ArrayBuffer>,
  channels: number,
  oldWidth: number,
  width: number,
  height: number,
): Float64Array<ArrayBuffer> {
  const halved = new Float64Array(width * height * channels);
  const below = oldWidth * channels;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * channels;
      const from = (2 * y * oldWidth + 2 * x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const at = from + channel;
        halved[to + channel] =
          ((values[at] ?? 0) +
            (values[at + channels] ?? 0) +
            (values[at + below] ?? 0) +
            (values[at + below + channels] ?? 0)) /
          4;
      }
    }
  }
  return halved;
}

/** The variance of luma in a block, and the sum of the variances within its sub-cells. */
function detailIn(
  means: Float64Array,
  squares: Float64Array,
  width: number,
  side: number,
  block: number,
): { readonly hidden: number; readonly variance: number } {
  const left = (block % (width / side)) * side;
  const top = Math.floor(block / (width / side)) * side;
  let hidden = 0;
  let sum = 0;
  let squared = 0;
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) {
      const luma = means[(y * width + x) * 3] ?? 0;
      const square = squares[y * width + x] ?? 0;
      sum += luma;
      squared += square;
      hidden += Math.max(0, square - luma ** 2);
    }
  }
  const count = side ** 2;
  return { hidden, variance: Math.max(0, squared / count - (sum / count) ** 2) };
}

/** For each level 1 where a block is divided: the best division into at most so many cells. */
function divisionsWithin(levels: readonly Level[], budget: number): readonly Uint8Array[] {
  const pruner = new Pruner(levels);
  if (pruner.divideAt(0) <= budget) return pruner.divided;
  let low = 0;
  let high =
    1 + levels.reduce((most, { errors }) => errors.reduce((a, b) => Math.max(a, b), most), 0);
  for (let step = 0; step < bisections && high - low > high * exactness; step++) {
    // Errors span many powers of ten.
    const price = low === 0 ? high / 1_000 : Math.sqrt(low * high);
    const cells = pruner.divideAt(price);
    if (cells > budget) low = price;
    else high = price;
    if (cells === budget) break;
  }
  pruner.divideAt(high);
  return pruner.divided;
}

/** Finds the division with the least sum of errors and of a price for each cell. */
class Pruner {
  /** For each level 1 where a block is divided, by the last price. */
  readonly divided: readonly Uint8Array[];
  private readonly sums: readonly Float64Array[];
  private readonly counts: readonly Uint32Array[];

  constructor(private readonly levels: readonly Level[]) {
    this.divided = levels.map(({ errors }) => new Uint8Array(errors.length));
    this.sums = levels.map(({ errors }) => new Float64Array(errors.length));
    this.counts = levels.map(({ errors }) => new Uint32Array(errors.length));
  }

  /** @returns The number of cells. */
  divideAt(price: number): number {
    let total = 0;
    for (let index = this.levels.length - 1; index >= 0; index--) {
      const { across, blocks, errors, isOpen } = this.levels[index]!;
      const parent = this.levels[index - 1];
      const below = this.levels[index + 1]?.across ?? 0;
      const finerSums = this.sums[index + 1];
      const finerCounts = this.counts[index + 1];
      const divided = this.divided[index]!;
      const sums = this.sums[index]!;
      const counts = this.counts[index]!;
      for (const block of blocks) {
        const column = block % across;
        const row = (block - column) / across;
        let sum = errors[block]! + price;
        let count = 1;
        divided[block] = 0;
        if (isOpen[block] && finerSums && finerCounts) {
          const first = 2 * row * below + 2 * column;
          const second = first + below;
          const children =
            finerSums[first]! + finerSums[first + 1]! + finerSums[second]! + finerSums[second + 1]!;
          if (children < sum) {
            sum = children;
            count =
              finerCounts[first]! +
              finerCounts[first + 1]! +
              finerCounts[second]! +
              finerCounts[second + 1]!;
            divided[block] = 1;
          }
        }
        sums[block] = sum;
        counts[block] = count;
        if (!isWhole(parent, column, row)) total += count;
      }
    }
    return total;
  }
}
