import { PermanentError } from '@mosaicme/errors';
import { LIBJPEG_MAX_SIDE } from '@mosaicme/jpeg';
import { planGrid, type Grid, type GridOptions } from '@mosaicme/mosaic';
import type { TileSize } from '@mosaicme/tile-pack';

/** As `GridOptions`, or the longer side on paper, whichever of the two that is. */
export type RenderGrid =
  GridOptions | { readonly print: { readonly longerSideMm: number; readonly dpi: number } };

/**
 * Plans the cells of a mosaic that programs can open.
 *
 * @param target Size of the target in pixels; only its aspect ratio counts.
 * @throws PermanentError as `planGrid`, and `mosaic.jpeg-side` where the format would allow the picture
 *   but libjpeg, and with it most viewers and browsers, would not open it.
 */
export function planOpenableGrid(
  target: { readonly width: number; readonly height: number },
  options: RenderGrid,
  tileSize: TileSize,
): Grid {
  const grid = planGrid(target, ofOneSide(target, options), tileSize);
  const width = grid.columns * tileSize;
  const height = grid.rows * tileSize;
  if (Math.max(width, height) <= LIBJPEG_MAX_SIDE) return grid;
  throw new PermanentError(
    'mosaic.jpeg-side',
    `The mosaic would be ${width} x ${height} px (${grid.columns} x ${grid.rows} cells of ${tileSize} px); ` +
      `most programs open a JPEG of at most ${LIBJPEG_MAX_SIDE} px a side. ` +
      `Use at most ${Math.floor(LIBJPEG_MAX_SIDE / tileSize)} cells a side, or smaller tiles.`,
  );
}

/** Pixels an inch to be written into the picture, undefined where it is not meant for paper. */
export const dotsPerInch = (options: RenderGrid): number | undefined =>
  'print' in options ? options.print.dpi : undefined;

function ofOneSide(
  { width, height }: { readonly width: number; readonly height: number },
  options: RenderGrid,
): GridOptions {
  if (!('print' in options && 'longerSideMm' in options.print)) return options as GridOptions;
  const { longerSideMm, dpi } = options.print;
  return width >= height
    ? { print: { widthMm: longerSideMm, dpi } }
    : { print: { heightMm: longerSideMm, dpi } };
}
