import { PictureAssembler } from '@mosaicme/jpeg';
import type { CellLayout } from '@mosaicme/mosaic';
import type { Area } from './cell-index';
import type { LoadedCells } from './load-cells';

/**
 * Puts the picture of a closed area together from ready-made segments, without encoding.
 * @param cells Those of the area.
 * @param unit Pixels a unit.
 */
export function assembleArea(
  layout: CellLayout,
  area: Area,
  cells: readonly number[],
  loaded: LoadedCells,
  unit: number,
): Uint8Array<ArrayBuffer> {
  const { left, top, span, largestSpan } = layout;
  const first = span[cells[0]!]!;
  const equal = cells.every((cell) => span[cell] === first) ? first : undefined;
  const bandUnits = equal ?? largestSpan;
  const assembler = new PictureAssembler({
    profile: loaded.profile,
    width: (area.right - area.left) * unit,
    height: (area.bottom - area.top) * unit,
    bandHeight: bandUnits * unit,
    cellSize: equal && equal * unit,
  });
  try {
    const chunks = [assembler.header];
    for (const band of bandsOf(layout, area, cells, bandUnits)) {
      const placed = band.map((cell) => ({
        ...loaded.cell(cell),
        left: (left[cell]! - area.left) * unit,
        top: (top[cell]! - area.top) * unit,
      }));
      chunks.push(...assembler.band(placed));
    }
    chunks.push(assembler.end());
    return concatenate(chunks);
  } finally {
    assembler.release();
  }
}

/** Cells by the bands that they stand in, from top to bottom. */
function bandsOf(
  { top }: CellLayout,
  area: Area,
  cells: readonly number[],
  bandUnits: number,
): number[][] {
  const bands: number[][] = Array.from(
    { length: Math.ceil((area.bottom - area.top) / bandUnits) },
    () => [],
  );
  for (const cell of cells) bands[Math.floor((top[cell]! - area.top) / bandUnits)]!.push(cell);
  return bands;
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
