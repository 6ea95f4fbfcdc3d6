import type { CellLayout } from '@mosaicme/mosaic';
import { largeTileSizes, tileSizes } from '@mosaicme/tile-pack';

/** Side of a deep-zoom tile in pixels; those at the right and lower edge are cropped. They do not overlap. */
export const deepZoomTileSize = 512;

/** Pixels a unit at the deepest level: there the smallest cell is as large as a tile is kept. */
export const deepestUnit: number = largeTileSizes[0];

/** Pixels a unit at the least level that is assembled; the levels below are scaled down from it. */
export const assembledUnit: number = tileSizes.at(-1)!;

/** A rectangle in pixels of one level. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A picture at one scale. */
export interface PyramidLevel {
  /** 0 is one pixel; each level has twice the scale of the one below. */
  readonly number: number;
  /** Pixels a unit, a power of two; less than 1 where a pixel shows several units. */
  readonly unit: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Deep-zoom tiles across and down. */
  readonly columns: number;
  readonly rows: number;
}

/**
 * A mosaic at all its scales, as Deep Zoom Images and IIIF have them: each level is half as large as the
 * next one, rounded up. Units are powers of two, so that down to `assembledUnit` no deep-zoom tile cuts
 * through a cell that is not larger than it.
 */
export interface Pyramid {
  /** Pixels at the deepest level. */
  readonly width: number;
  readonly height: number;
  /** By their number. */
  readonly levels: readonly PyramidLevel[];
}

/** @see Microsoft, Deep Zoom File Format Overview (2009) */
export function pyramidOf({ columns, rows }: Pick<CellLayout, 'columns' | 'rows'>): Pyramid {
  const width = columns * deepestUnit;
  const height = rows * deepestUnit;
  const deepest = Math.ceil(Math.log2(Math.max(width, height)));
  const levels = Array.from({ length: deepest + 1 }, (_, number): PyramidLevel => {
    const scale = 2 ** (deepest - number);
    const size = { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
    return {
      ...{ number, unit: deepestUnit / scale, ...size },
      columns: Math.ceil(size.width / deepZoomTileSize),
      rows: Math.ceil(size.height / deepZoomTileSize),
    };
  });
  return { width, height, levels };
}

/** Where a deep-zoom tile lies in its level; undefined for one that does not exist. */
export function tileRectangle(
  { width, height, columns, rows }: PyramidLevel,
  column: number,
  row: number,
): Rectangle | undefined {
  const isIndex = (value: number, count: number) =>
    Number.isInteger(value) && value >= 0 && value < count;
  if (!isIndex(column, columns) || !isIndex(row, rows)) return undefined;
  const left = column * deepZoomTileSize;
  const top = row * deepZoomTileSize;
  return {
    ...{ left, top },
    width: Math.min(deepZoomTileSize, width - left),
    height: Math.min(deepZoomTileSize, height - top),
  };
}
