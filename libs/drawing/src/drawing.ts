import { PermanentError } from '@mosaicme/errors';
import { encodeJpeg } from '@mosaicme/imaging';
import type { Recipe } from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import { assembleArea } from './assemble-area';
import { createCellIndex } from './cell-index';
import { loadCells, type Sources } from './load-cells';
import {
  assembledUnit,
  deepestUnit,
  pyramidOf,
  tileRectangle,
  type Pyramid,
  type PyramidLevel,
  type Rectangle,
} from './pyramid';
import { createRasterer } from './raster';

/** A part of a mosaic as a JPEG. */
export interface DrawnPart {
  readonly jpeg: Uint8Array;
  /**
   * False when a tile that is in the library could not be read: its place is plain, and a later try may
   * show it. Nobody should keep such a picture.
   */
  readonly isComplete: boolean;
}

/** A mosaic from which any part can be had at any scale. */
export interface Drawing {
  readonly pyramid: Pyramid;
  /**
   * A deep-zoom tile. Down to the smallest tiles it is assembled, not encoded; the levels below are
   * scaled down from that. The same recipe and tiles give the same bytes.
   *
   * @returns Undefined where there is no such tile.
   * @throws TransientError when the tiles cannot be had now.
   */
  tile(level: number, column: number, row: number): Promise<DrawnPart | undefined>;
  /**
   * Any rectangle of a level.
   * @throws PermanentError `drawing.region` when it is not within the level or has too many pixels;
   *   TransientError when the tiles cannot be had now.
   */
  region(level: number, part: Rectangle): Promise<DrawnPart>;
}

/** Pixels of a region at most: more than any screen shows, and 200 MB while it is drawn. */
const maxRegionPixels = 4_096 * 4_096;

/** Prepares a recipe for being drawn in parts. */
export function openDrawing(recipe: Recipe, tiles: TileReader): Drawing {
  const sources: Sources = { recipe, index: createCellIndex(recipe), tiles };
  const pyramid = pyramidOf(recipe.layout);
  const rasterer = createRasterer(sources);

  async function draw(level: PyramidLevel, part: Rectangle): Promise<DrawnPart> {
    const assembled = await assemble(level, part);
    if (assembled) return assembled;
    const { pixels, isComplete } = await rasterer.draw(level, part);
    return { jpeg: await encodeJpeg(pixels), isComplete };
  }

  /** Without encoding; undefined where the rectangle cuts through a cell, or its tiles are not so large. */
  async function assemble(
    { unit }: PyramidLevel,
    { left, top, width, height }: Rectangle,
  ): Promise<DrawnPart | undefined> {
    if (unit < assembledUnit) return undefined;
    if ([left, top, width, height].some((side) => side % unit !== 0)) return undefined;
    const area = rasterer.unitsAround({ left, top, width, height }, unit);
    const cells = sources.index.cellsIn(area);
    if (!sources.index.isClosed(area, cells)) return undefined;
    if (cells.some((cell) => recipe.layout.span[cell]! * unit > deepestUnit)) return undefined;
    const loaded = await loadCells(sources, cells, unit);
    if (!loaded.isExact) return undefined;
    const jpeg = assembleArea(recipe.layout, area, cells, loaded, unit);
    return { jpeg, isComplete: loaded.isComplete };
  }

  return {
    pyramid,
    async tile(number, column, row) {
      const level = pyramid.levels[number];
      const part = level && tileRectangle(level, column, row);
      return part && draw(level, part);
    },
    async region(number, part) {
      const level = pyramid.levels[number];
      const { left, top, width, height } = part;
      const isWhole = [left, top, width, height].every(Number.isInteger);
      const isInside =
        level !== undefined &&
        left >= 0 &&
        top >= 0 &&
        width > 0 &&
        height > 0 &&
        left + width <= level.width &&
        top + height <= level.height;
      if (!isWhole || !isInside || width * height > maxRegionPixels) {
        throw new PermanentError(
          'drawing.region',
          `A region of ${width} x ${height} px at ${left}, ${top} cannot be drawn at level ${number} ` +
            `(${level?.width ?? 0} x ${level?.height ?? 0} px): take whole pixels within the level, at ` +
            `most ${maxRegionPixels} of them.`,
        );
      }
      return draw(level, part);
    },
  };
}
