import { readPart, readPixels } from '@mosaicme/imaging';
import type { Pixels } from '@mosaicme/mosaic';
import { assembleArea } from './assemble-area';
import type { Area } from './cell-index';
import { loadCells, type LoadedCells, type Sources } from './load-cells';
import { assembledUnit, deepestUnit, type PyramidLevel, type Rectangle } from './pyramid';

/** A picture that may still heal; see `LoadedCells.isComplete`. */
export interface Raster {
  readonly pixels: Pixels;
  readonly isComplete: boolean;
}

/** The least scale that a decoder makes of an assembled picture by itself: an eighth. */
const leastDecodedUnit = assembledUnit / 8;

/** Side of the squares in which the scales below that are computed, in units and in their own pixels. */
const blockUnits = 256;
const blockSide = blockUnits * leastDecodedUnit;

/** Draws pixels of a mosaic at any scale. Squares of the smallest scales are kept once drawn. */
export function createRasterer(sources: Sources) {
  const { layout } = sources.recipe;
  const blocks = new Map<number, Promise<Raster>>();

  /** @param part Within the level. @throws TransientError when tiles cannot be had now. */
  function draw({ unit }: PyramidLevel, part: Rectangle): Promise<Raster> {
    if (unit >= assembledUnit) return drawDecoded(unit, part);
    return unit >= leastDecodedUnit ? drawReduced(unit, part) : drawAveraged(unit, part);
  }

  /** At the scale of the tiles: assembled and decoded, or enlarged where no tiles are so large. */
  async function drawDecoded(unit: number, part: Rectangle): Promise<Raster> {
    const area = unitsAround(part, unit);
    const cells = sources.index.cellsIn(area);
    if (cells.every((cell) => layout.span[cell]! * unit <= deepestUnit)) {
      const closed = sources.index.closed(area);
      const all = sources.index.cellsIn(closed);
      const loaded = await loadCells(sources, all, unit);
      if (loaded.isExact) {
        const jpeg = assembleArea(layout, closed, all, loaded, unit);
        const scaled = sizeOf(closed, unit);
        const pixels = await readPart(jpeg, scaled, within(part, closed, unit));
        return { pixels, isComplete: loaded.isComplete };
      }
    }
    const loaded = await loadCells(sources, cells, unit);
    const pixels = await composeCells(cells, loaded, unit, part);
    return { pixels, isComplete: loaded.isComplete };
  }

  /** Each cell for itself, scaled to its place. */
  async function composeCells(
    cells: readonly number[],
    loaded: LoadedCells,
    unit: number,
    part: Rectangle,
  ): Promise<Pixels> {
    const { left, top, span } = layout;
    const pixels = blank(part.width, part.height);
    for (const cell of cells) {
      const side = span[cell]! * unit;
      const place = { left: left[cell]! * unit, top: top[cell]! * unit, width: side, height: side };
      const common = intersection(place, part);
      const tile = loaded.cell(cell);
      const area = areaOfCell(cell);
      const size = tile.segments.size / span[cell]!;
      const jpeg = assembleArea(layout, area, [cell], loaded, size);
      const own = await readPart(
        jpeg,
        { width: side, height: side },
        { ...common, left: common.left - place.left, top: common.top - place.top },
      );
      paste(own, pixels, common.left - part.left, common.top - part.top);
    }
    return pixels;
  }

  /**
   * At a half, a quarter or an eighth of the smallest tiles. Decoders scale an assembled picture by these
   * factors block by block, so that a pixel does not depend on where the picture was cut.
   */
  async function drawReduced(unit: number, part: Rectangle): Promise<Raster> {
    const area = sources.index.closed(unitsAround(part, unit));
    const cells = sources.index.cellsIn(area);
    const loaded = await loadCells(sources, cells, assembledUnit);
    const jpeg = assembleArea(layout, area, cells, loaded, assembledUnit);
    const { width, height } = sizeOf(area, unit);
    const pixels = crop(await readPixels(jpeg, width, height), within(part, area, unit));
    return { pixels, isComplete: loaded.isComplete };
  }

  /** Where a pixel shows a unit or more: the mean over its area. */
  async function drawAveraged(unit: number, part: Rectangle): Promise<Raster> {
    const factor = leastDecodedUnit / unit;
    const whole = {
      width: layout.columns * leastDecodedUnit,
      height: layout.rows * leastDecodedUnit,
    };
    const source = {
      left: part.left * factor,
      top: part.top * factor,
      right: Math.min(whole.width, (part.left + part.width) * factor),
      bottom: Math.min(whole.height, (part.top + part.height) * factor),
    };
    const sums = new Float64Array(part.width * part.height * 3);
    const counts = new Uint32Array(part.width * part.height);
    let isComplete = true;
    for (let y = Math.floor(source.top / blockSide); y * blockSide < source.bottom; y++) {
      for (let x = Math.floor(source.left / blockSide); x * blockSide < source.right; x++) {
        const block = await blockAt(x, y);
        isComplete &&= block.isComplete;
        addUp(block.pixels, x * blockSide, y * blockSide);
      }
    }
    const data = Uint8Array.from(sums, (sum, at) => Math.round(sum / counts[Math.floor(at / 3)]!));
    return { pixels: { width: part.width, height: part.height, data }, isComplete };

    function addUp({ width, height, data }: Pixels, blockLeft: number, blockTop: number): void {
      const bottom = Math.min(source.bottom, blockTop + height);
      const right = Math.min(source.right, blockLeft + width);
      for (let row = Math.max(source.top, blockTop); row < bottom; row++) {
        const line = (Math.floor(row / factor) - part.top) * part.width - part.left;
        for (let column = Math.max(source.left, blockLeft); column < right; column++) {
          const to = line + Math.floor(column / factor);
          const from = ((row - blockTop) * width + column - blockLeft) * 3;
          sums[to * 3]! += data[from]!;
          sums[to * 3 + 1]! += data[from + 1]!;
          sums[to * 3 + 2]! += data[from + 2]!;
          counts[to]!++;
        }
      }
    }
  }

  /** A square at the least decoded scale. What is incomplete is drawn anew the next time. */
  async function blockAt(x: number, y: number): Promise<Raster> {
    const key = y * 65_536 + x;
    const known = blocks.get(key);
    if (known) return known;
    const left = x * blockSide;
    const top = y * blockSide;
    const drawing = drawReduced(leastDecodedUnit, {
      left,
      top,
      width: Math.min(blockSide, layout.columns * leastDecodedUnit - left),
      height: Math.min(blockSide, layout.rows * leastDecodedUnit - top),
    });
    blocks.set(key, drawing);
    try {
      const raster = await drawing;
      if (!raster.isComplete) blocks.delete(key);
      return raster;
    } catch (error) {
      blocks.delete(key);
      throw error;
    }
  }

  function unitsAround({ left, top, width, height }: Rectangle, unit: number): Area {
    return {
      left: Math.floor(left / unit),
      top: Math.floor(top / unit),
      right: Math.min(layout.columns, Math.ceil((left + width) / unit)),
      bottom: Math.min(layout.rows, Math.ceil((top + height) / unit)),
    };
  }

  function areaOfCell(cell: number): Area {
    const { left, top, span } = layout;
    return {
      left: left[cell]!,
      top: top[cell]!,
      right: left[cell]! + span[cell]!,
      bottom: top[cell]! + span[cell]!,
    };
  }

  return { draw, unitsAround };
}

/** Pixels of an area. */
function sizeOf({ left, top, right, bottom }: Area, unit: number) {
  return { width: (right - left) * unit, height: (bottom - top) * unit };
}

/** A rectangle of a level as seen from the corner of an area. */
function within(part: Rectangle, area: Area, unit: number): Rectangle {
  return { ...part, left: part.left - area.left * unit, top: part.top - area.top * unit };
}

function intersection(a: Rectangle, b: Rectangle): Rectangle {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  return {
    ...{ left, top },
    width: Math.min(a.left + a.width, b.left + b.width) - left,
    height: Math.min(a.top + a.height, b.top + b.height) - top,
  };
}

function blank(width: number, height: number): Pixels {
  return { width, height, data: new Uint8Array(width * height * 3) };
}

function crop(pixels: Pixels, part: Rectangle): Pixels {
  if (part.width === pixels.width && part.height === pixels.height) return pixels;
  const cropped = blank(part.width, part.height);
  for (let row = 0; row < part.height; row++) {
    const from = ((part.top + row) * pixels.width + part.left) * 3;
    cropped.data.set(pixels.data.subarray(from, from + part.width * 3), row * part.width * 3);
  }
  return cropped;
}

function paste(part: Pixels, whole: Pixels, left: number, top: number): void {
  for (let row = 0; row < part.height; row++) {
    const line = part.data.subarray(row * part.width * 3, (row + 1) * part.width * 3);
    whole.data.set(line, ((top + row) * whole.width + left) * 3);
  }
}
