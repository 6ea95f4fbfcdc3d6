import { createCellFinder, type Recipe } from '@mosaicme/mosaic';

/** A rectangle in units of a layout. */
export interface Area {
  readonly left: number;
  readonly top: number;
  /** Without this column and row. */
  readonly right: number;
  readonly bottom: number;
}

/** The cells of a recipe by place. */
export interface CellIndex {
  /** The cells that an area touches, each once, in the order of their first unit in it, row by row. */
  cellsIn(area: Area): number[];
  /** The least area of whole blocks around this one, so that no cell reaches across its border. */
  closed(area: Area): Area;
  /** Whether no cell reaches across the border of this area. */
  isClosed(area: Area, cells: readonly number[]): boolean;
  /** The cells that touch a cell or lie up to `distance` units away from it. */
  neighbours(cell: number, distance: number): number[];
}

export function createCellIndex({ layout }: Recipe): CellIndex {
  const { columns, rows, largestSpan, left, top, span } = layout;
  const find = createCellFinder(layout);

  function cellsIn(area: Area): number[] {
    const cells: number[] = [];
    for (let row = Math.max(0, area.top); row < Math.min(rows, area.bottom); row++) {
      for (let column = Math.max(0, area.left); column < Math.min(columns, area.right);) {
        const cell = find(column, row);
        const isFirst = row === Math.max(top[cell]!, area.top, 0);
        if (isFirst) cells.push(cell);
        column = left[cell]! + span[cell]!;
      }
    }
    return cells;
  }

  return {
    cellsIn,
    closed: (area) => ({
      left: Math.floor(area.left / largestSpan) * largestSpan,
      top: Math.floor(area.top / largestSpan) * largestSpan,
      right: Math.min(columns, Math.ceil(area.right / largestSpan) * largestSpan),
      bottom: Math.min(rows, Math.ceil(area.bottom / largestSpan) * largestSpan),
    }),
    isClosed: (area, cells) =>
      cells.every(
        (cell) =>
          left[cell]! >= area.left &&
          top[cell]! >= area.top &&
          left[cell]! + span[cell]! <= area.right &&
          top[cell]! + span[cell]! <= area.bottom,
      ),
    neighbours: (cell, distance) =>
      cellsIn({
        left: left[cell]! - distance,
        top: top[cell]! - distance,
        right: left[cell]! + span[cell]! + distance,
        bottom: top[cell]! + span[cell]! + distance,
      }).filter((other) => other !== cell),
  };
}
