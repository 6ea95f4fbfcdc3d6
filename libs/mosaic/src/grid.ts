import { PermanentError } from '@mosaicme/errors';

/** A JPEG stores width and height in 16 bits. */
export const maximumJpegSide = 65_535;

const millimetresPerInch = 25.4;

/** The cells of a mosaic and how large each is drawn. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Side of a drawn tile in pixels; the mosaic has columns x tileSize by rows x tileSize pixels. */
  readonly tileSize: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How fine the mosaic is:
 * - `cells`: cells along the longer side, the shorter one follows from the target's aspect ratio;
 * - `columns` and `rows`: exactly these;
 * - `print`: the printed width or height in millimetres at `dpi` pixels an inch.
 */
export type GridOptions =
  | { readonly cells: number }
  | { readonly columns: number; readonly rows: number }
  | { readonly print: { readonly widthMm: number; readonly dpi: number } }
  | { readonly print: { readonly heightMm: number; readonly dpi: number } };

/**
 * Plans the cells for a target picture. Except for `columns` and `rows` the grid has the target's
 * aspect ratio, to the nearest cell.
 *
 * @param target Size of the target in pixels; only its aspect ratio counts.
 * @param tileSize Side of a drawn tile in pixels.
 * @throws PermanentError `mosaic.bad-grid` for numbers that make no grid, `mosaic.jpeg-side` when the
 *   mosaic would be larger than a JPEG can be.
 */
export function planGrid(target: Size, options: GridOptions, tileSize: number): Grid {
  requireCount('The width of the target', target.width);
  requireCount('The height of the target', target.height);
  requireCount('The tile size', tileSize);
  const grid = { ...cellCounts(target, options, tileSize), tileSize };
  requireJpegSide('wide', grid.columns, tileSize);
  requireJpegSide('high', grid.rows, tileSize);
  return grid;
}

/**
 * The size to which the target must be resized so that each cell is `subdivisions` x `subdivisions`
 * pixels, one for each sub-cell.
 */
export function targetSize(grid: Grid, subdivisions: number): Size {
  return { width: grid.columns * subdivisions, height: grid.rows * subdivisions };
}

/** How many cells a grid has. */
export const cellCount = (grid: Pick<Grid, 'columns' | 'rows'>): number => grid.columns * grid.rows;

function cellCounts(target: Size, options: GridOptions, tileSize: number) {
  const aspect = target.width / target.height;
  const toCells = (millimetres: number, dpi: number) =>
    Math.max(1, Math.round(((millimetres / millimetresPerInch) * dpi) / tileSize));
  const fromColumns = (columns: number) => ({
    columns,
    rows: Math.max(1, Math.round(columns / aspect)),
  });
  const fromRows = (rows: number) => ({ columns: Math.max(1, Math.round(rows * aspect)), rows });

  if ('cells' in options) {
    requireCount('The number of cells', options.cells);
    return aspect >= 1 ? fromColumns(options.cells) : fromRows(options.cells);
  }
  if ('print' in options) {
    const { print } = options;
    requirePositive('The resolution in dots an inch', print.dpi);
    if ('widthMm' in print) {
      requirePositive('The printed width in millimetres', print.widthMm);
      return fromColumns(toCells(print.widthMm, print.dpi));
    }
    requirePositive('The printed height in millimetres', print.heightMm);
    return fromRows(toCells(print.heightMm, print.dpi));
  }
  requireCount('The number of columns', options.columns);
  requireCount('The number of rows', options.rows);
  return { columns: options.columns, rows: options.rows };
}

function requireJpegSide(direction: 'wide' | 'high', cells: number, tileSize: number) {
  if (cells * tileSize <= maximumJpegSide) return;
  throw new PermanentError(
    'mosaic.jpeg-side',
    `The mosaic would be ${cells * tileSize} px ${direction} (${cells} cells of ${tileSize} px); ` +
      `a JPEG side has at most ${maximumJpegSide} px. ` +
      `Use at most ${Math.floor(maximumJpegSide / tileSize)} cells a side, or smaller tiles.`,
  );
}

function requireCount(what: string, value: number) {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new PermanentError(
    'mosaic.bad-grid',
    `${what} must be a whole number of at least 1, not ${value}.`,
  );
}

function requirePositive(what: string, value: number) {
  if (Number.isFinite(value) && value > 0) return;
  throw new PermanentError('mosaic.bad-grid', `${what} must be above 0, not ${value}.`);
}
