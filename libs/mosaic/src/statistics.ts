import type { CellLayout } from './cells';

export interface PlacementStatistics {
  /** Root of the mean squared difference between cell and placed tile, in feature units. */
  readonly distance: number;
  readonly distinctTiles: number;
  /** Uses of the tile that is used most. */
  readonly maxUses: number;
  /**
   * Smallest distance between two uses of a tile, in cells of the smaller one's size: 1 for neighbours.
   * In a uniform grid it is the Chebyshev distance. Undefined where no tile is used twice.
   */
  readonly minDistance: number | undefined;
  /**
   * How much of the mosaic is wallpaper: the largest share, over all shifts of 1 to 24 cells in any
   * direction, of cells whose tile equals the tile at that shift, among the cells that have one there.
   * A shift is measured in the size of the cell that it begins at.
   */
  readonly repetition: number;
}

/** The farthest shift that `repetition` looks at, in cells. */
export const farthestShift = 24;
const shiftsAcross = 2 * farthestShift + 1;

/** @param costs Squared difference between each cell and its tile. */
export function statisticsOf(
  layout: CellLayout,
  tiles: Uint32Array,
  costs: Int32Array,
): PlacementStatistics {
  const usesOf = new Map<number, number[]>();
  tiles.forEach((tile, cell) => {
    const uses = usesOf.get(tile);
    if (uses) uses.push(cell);
    else usesOf.set(tile, [cell]);
  });
  let maxUses = 0;
  for (const uses of usesOf.values()) maxUses = Math.max(maxUses, uses.length);
  return {
    distance: Math.sqrt(costs.reduce((sum, cost) => sum + cost, 0) / Math.max(1, costs.length)),
    distinctTiles: usesOf.size,
    maxUses,
    ...compareUses(layout, usesOf.values()),
  };
}

function compareUses(
  layout: CellLayout,
  usesOfTiles: Iterable<readonly number[]>,
): Pick<PlacementStatistics, 'minDistance' | 'repetition'> {
  const { left, top, span, largestSpan } = layout;
  const equal = new Uint32Array(shiftsAcross ** 2);
  let smallest = Infinity;
  for (const uses of usesOfTiles) {
    for (let index = 0; index < uses.length; index++) {
      const a = uses[index] ?? 0;
      const x = left[a] ?? 0;
      const y = top[a] ?? 0;
      const side = span[a] ?? 0;
      for (let other = index + 1; other < uses.length; other++) {
        const b = uses[other] ?? 0;
        const otherX = left[b] ?? 0;
        const otherY = top[b] ?? 0;
        const otherSide = span[b] ?? 0;
        const across = otherX > x ? otherX - x - side : x - otherX - otherSide;
        const down = otherY > y ? otherY - y - side : y - otherY - otherSide;
        const gap = Math.max(across, down) / Math.min(side, otherSide);
        if (gap < smallest) smallest = gap;
        // Blocks come row by row: once one is too far below, so are all later ones.
        const blocksDown = otherY - (otherY % largestSpan) - y;
        if (blocksDown > Math.max(farthestShift, smallest) * largestSpan + largestSpan) break;
        noteShifts(x, y, side, otherX, otherY, otherSide);
        noteShifts(otherX, otherY, otherSide, x, y, side);
      }
    }
  }
  return {
    minDistance: Number.isFinite(smallest) ? Math.floor(smallest) + 1 : undefined,
    repetition: largestShare(equal, comparableCells(layout)),
  };

  /** Counts the shifts by which the centre of one cell comes to lie in the other. */
  function noteShifts(
    x: number,
    y: number,
    side: number,
    otherX: number,
    otherY: number,
    otherSide: number,
  ): void {
    const firstX = Math.max(-farthestShift, Math.ceil((otherX - x) / side - 0.5));
    const lastX = Math.min(farthestShift, Math.ceil((otherX + otherSide - x) / side - 0.5) - 1);
    const firstY = Math.max(-farthestShift, Math.ceil((otherY - y) / side - 0.5));
    const lastY = Math.min(farthestShift, Math.ceil((otherY + otherSide - y) / side - 0.5) - 1);
    for (let dy = firstY; dy <= lastY; dy++) {
      for (let dx = firstX; dx <= lastX; dx++) {
        const at = (dy + farthestShift) * shiftsAcross + dx + farthestShift;
        equal[at] = (equal[at] ?? 0) + 1;
      }
    }
  }
}

/** For each shift the number of cells that have a place of the picture there. */
function comparableCells({ count, columns, rows, left, top, span }: CellLayout): Float64Array {
  // Each cell counts for a rectangle of shifts: noted at its corners, then summed up.
  const stride = shiftsAcross + 1;
  const corners = new Float64Array(stride ** 2);
  const add = (x: number, y: number, value: number) => {
    corners[y * stride + x] = (corners[y * stride + x] ?? 0) + value;
  };
  for (let cell = 0; cell < count; cell++) {
    const side = span[cell] ?? 1;
    const x = left[cell] ?? 0;
    const y = top[cell] ?? 0;
    const fromX = Math.max(0, Math.ceil(-x / side - 0.5) + farthestShift);
    const toX = Math.min(shiftsAcross, Math.ceil((columns - x) / side - 0.5) + farthestShift);
    const fromY = Math.max(0, Math.ceil(-y / side - 0.5) + farthestShift);
    const toY = Math.min(shiftsAcross, Math.ceil((rows - y) / side - 0.5) + farthestShift);
    add(fromX, fromY, 1);
    add(toX, fromY, -1);
    add(fromX, toY, -1);
    add(toX, toY, 1);
  }
  const counts = new Float64Array(shiftsAcross ** 2);
  for (let y = 0; y < shiftsAcross; y++) {
    let row = 0;
    for (let x = 0; x < shiftsAcross; x++) {
      row += corners[y * stride + x] ?? 0;
      const above = y > 0 ? (counts[(y - 1) * shiftsAcross + x] ?? 0) : 0;
      counts[y * shiftsAcross + x] = row + above;
    }
  }
  return counts;
}

function largestShare(equal: Uint32Array, comparable: Float64Array): number {
  const still = farthestShift * shiftsAcross + farthestShift;
  return equal.reduce((largest, count, at) => {
    const of = comparable[at] ?? 0;
    return at === still || of === 0 ? largest : Math.max(largest, count / of);
  }, 0);
}
