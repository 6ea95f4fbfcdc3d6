import { PermanentError } from '@mosaicme/errors';
import type { Grid } from './grid';

/** The sides that a cell can have, in units. */
export const cellSpans = [1, 2, 4, 8] as const;
export type CellSpan = (typeof cellSpans)[number];

/**
 * How a picture is divided into square cells, measured in units: squares of the smallest cell's side.
 * The cells cover the picture and do not overlap. They are the leaves of quadtrees: blocks of
 * `largestSpan` units stand in rows, a block may be divided into four of half its side, and so on; a
 * block that reaches beyond the picture always is. A uniform grid is a layout whose blocks are one unit.
 *
 * The cells' order is that of their blocks, row by row, and within a block top left, top right, bottom
 * left, bottom right, at each division anew. So a uniform grid's cells lie row by row.
 */
export interface CellLayout {
  /** Width and height of the picture in units. */
  readonly columns: number;
  readonly rows: number;
  /** Side of a unit in pixels; the picture has columns x unit by rows x unit pixels. */
  readonly unit: number;
  /** Side of an undivided block in units. */
  readonly largestSpan: CellSpan;
  /** How many cells there are. */
  readonly count: number;
  /** Left column, top row and side of each cell, in units. */
  readonly left: Uint16Array;
  readonly top: Uint16Array;
  readonly span: Uint8Array;
}

/** What a layout is made of; see `CellLayout`. */
export type CellArea = Pick<CellLayout, 'columns' | 'rows' | 'unit' | 'largestSpan'>;

/** Is this block, which lies wholly inside the picture and is larger than a unit, divided into four? */
export type IsDivided = (left: number, top: number, span: number) => boolean;

/**
 * Divides a picture into cells.
 *
 * @param isDivided Asked once for each block for which there is a choice, in the order of the cells.
 * @throws PermanentError `mosaic.bad-cells` when the area has no size or its sides exceed 65,535 units.
 */
export function divideIntoCells(area: CellArea, isDivided: IsDivided): CellLayout {
  const fault = faultOfArea(area);
  if (fault) throw new PermanentError('mosaic.bad-cells', `These cells are impossible: ${fault}.`);
  const lefts: number[] = [];
  const tops: number[] = [];
  const spans: number[] = [];
  visitBlocks(area, isDivided, (left, top, span) => {
    lefts.push(left);
    tops.push(top);
    spans.push(span);
    return true;
  });
  const { columns, rows, unit, largestSpan } = area;
  return {
    ...{ columns, rows, unit, largestSpan, count: spans.length },
    left: Uint16Array.from(lefts),
    top: Uint16Array.from(tops),
    span: Uint8Array.from(spans),
  };
}

/** The layout of a grid of equal cells: each is one unit. */
export function uniformCells({ columns, rows, tileSize }: Grid): CellLayout {
  return divideIntoCells({ columns, rows, unit: tileSize, largestSpan: 1 }, () => false);
}

/** The side that all cells have, in units; undefined where they differ. */
export function commonSpan({ span }: CellLayout): number | undefined {
  const [first] = span;
  return span.every((side) => side === first) ? first : undefined;
}

/** Width and height of the whole picture in pixels. */
export const pictureSize = ({
  columns,
  rows,
  unit,
}: Pick<CellLayout, 'columns' | 'rows' | 'unit'>): {
  readonly width: number;
  readonly height: number;
} => ({ width: columns * unit, height: rows * unit });

/**
 * Finds cells by place.
 *
 * @returns A function from a column and a row, in units and not necessarily whole, to the cell there;
 *   -1 outside the picture. It takes a few steps, whatever the size of the picture.
 */
export function createCellFinder(layout: CellLayout): (column: number, row: number) => number {
  const { columns, rows, largestSpan, count, left, top, span } = layout;
  const across = Math.ceil(columns / largestSpan);
  const blockOf = (column: number, row: number) =>
    Math.floor(row / largestSpan) * across + Math.floor(column / largestSpan);
  // First cell of each block, and the end: there are no more blocks than cells.
  const firsts = new Uint32Array(blockOf(columns - 1, rows - 1) + 2).fill(count);
  for (let cell = count - 1; cell >= 0; cell--) {
    firsts[blockOf(left[cell] ?? 0, top[cell] ?? 0)] = cell;
  }
  return (column, row) => {
    if (!(column >= 0 && column < columns && row >= 0 && row < rows)) return -1;
    const block = blockOf(column, row);
    const end = firsts[block + 1] ?? count;
    for (let cell = firsts[block] ?? count; cell < end; cell++) {
      const across = column - (left[cell] ?? 0);
      const down = row - (top[cell] ?? 0);
      const side = span[cell] ?? 0;
      if (across >= 0 && across < side && down >= 0 && down < side) return cell;
    }
    return -1;
  };
}

/**
 * The divisions of a layout as bits, lowest first: for each block that could stay whole, in the order of
 * the cells, 1 when it is divided. A uniform grid of single units takes none.
 *
 * @throws PermanentError `mosaic.bad-cells` when the cells are not the leaves of such a division.
 */
export function encodeDivisions(layout: CellLayout): Uint8Array {
  const fault = faultOfArea(layout);
  if (fault) throw new PermanentError('mosaic.bad-cells', `These cells are impossible: ${fault}.`);
  const { count, left, top, span } = layout;
  const bytes: number[] = [];
  let bits = 0;
  let next = 0;
  const isWhole = visitBlocks(
    layout,
    (_left, _top, side) => {
      // A block's first cell begins at its corner, so its side alone tells.
      const isDivided = (span[next] ?? side) < side;
      if (bits % 8 === 0) bytes.push(0);
      if (isDivided) bytes[bits >> 3] = (bytes[bits >> 3] ?? 0) | (1 << (bits & 7));
      bits++;
      return isDivided;
    },
    (x, y, side) => {
      const fits = left[next] === x && top[next] === y && span[next] === side;
      next++;
      return fits;
    },
  );
  if (!isWhole || next !== count || [left, top, span].some(({ length }) => length !== count)) {
    throw new PermanentError(
      'mosaic.bad-cells',
      `These cells are impossible: cell ${next - 1} of ${count} is not where the division into ` +
        `blocks of ${layout.largestSpan} units puts it.`,
    );
  }
  return Uint8Array.from(bytes);
}

/**
 * The inverse of `encodeDivisions`, for bytes of any origin: it allocates no more than `count` cells
 * take and stops as soon as there would be more.
 *
 * @returns Undefined when the bytes do not divide the area into `count` cells, or are longer.
 */
export function decodeDivisions(
  area: CellArea,
  count: number,
  bytes: Uint8Array,
): CellLayout | undefined {
  if (faultOfArea(area)) return undefined;
  const left = new Uint16Array(count);
  const top = new Uint16Array(count);
  const span = new Uint8Array(count);
  let bits = 0;
  let next = 0;
  const isWhole = visitBlocks(
    area,
    () => {
      const bit = ((bytes[bits >> 3] ?? 0) >> (bits & 7)) & 1;
      bits++;
      return bit === 1;
    },
    (x, y, side) => {
      if (next === count) return false;
      left[next] = x;
      top[next] = y;
      span[next] = side;
      next++;
      return true;
    },
  );
  const hasRest = bits % 8 > 0 && (bytes.at(-1) ?? 0) >> (bits % 8) > 0;
  if (!isWhole || next !== count || bytes.length !== Math.ceil(bits / 8) || hasRest) {
    return undefined;
  }
  const { columns, rows, unit, largestSpan } = area;
  return { columns, rows, unit, largestSpan, count, left, top, span };
}

/** What is impossible about an area; undefined when nothing is. */
export function faultOfArea({ columns, rows, unit, largestSpan }: CellArea): string | undefined {
  const isSide = (value: number) => Number.isInteger(value) && value >= 1 && value <= 0xffff;
  if (![columns, rows, unit].every(isSide)) {
    return `${columns} x ${rows} units of ${unit} px`;
  }
  if (!cellSpans.includes(largestSpan)) {
    return `blocks of ${largestSpan} units, not ${cellSpans.join(', ')}`;
  }
  return undefined;
}

/** Goes through all cells in order, until `onCell` returns false. @returns Whether it came to the end. */
function visitBlocks(
  { columns, rows, largestSpan }: CellArea,
  isDivided: IsDivided,
  onCell: (left: number, top: number, span: number) => boolean,
): boolean {
  const visit = (left: number, top: number, span: number): boolean => {
    if (left >= columns || top >= rows) return true;
    const fits = left + span <= columns && top + span <= rows;
    if (fits && (span === 1 || !isDivided(left, top, span))) return onCell(left, top, span);
    const half = span / 2;
    return (
      visit(left, top, half) &&
      visit(left + half, top, half) &&
      visit(left, top + half, half) &&
      visit(left + half, top + half, half)
    );
  };
  for (let top = 0; top < rows; top += largestSpan) {
    for (let left = 0; left < columns; left += largestSpan) {
      if (!visit(left, top, largestSpan)) return false;
    }
  }
  return true;
}
