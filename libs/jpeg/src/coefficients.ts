import { BitReader, unstuff } from './bits';
import { huffmanLookup } from './huffman';
import { Marker } from './markers';
import { parseJpeg } from './parse';

/** The quantised coefficients of one component. */
export interface ComponentBlocks {
  /** Blocks across and down, those that fill up the last MCUs included. */
  readonly columns: number;
  readonly rows: number;
  /** 64 coefficients in zigzag order for each block, row by row. */
  readonly blocks: Int16Array;
}

/**
 * Decodes a baseline JPEG down to its quantised DCT coefficients: no inverse DCT, no pixels. It reads
 * restart markers too, so it shows what stands in an assembled mosaic.
 * @returns Y, Cb, Cr.
 * @throws PermanentError as `parseJpeg`.
 */
export function decodeCoefficients(
  jpeg: Uint8Array,
): [ComponentBlocks, ComponentBlocks, ComponentBlocks] {
  const { width, height, components, restartInterval, scan } = parseJpeg(jpeg);
  const mcuWidth = 8 * Math.max(...components.map((c) => c.horizontal));
  const mcuHeight = 8 * Math.max(...components.map((c) => c.vertical));
  const mcuColumns = Math.ceil(width / mcuWidth);
  const mcus = mcuColumns * Math.ceil(height / mcuHeight);
  const planes = components.map(({ horizontal, vertical, dc, ac }) => {
    const columns = mcuColumns * horizontal;
    const rows = (mcus / mcuColumns) * vertical;
    const blocks = new Int16Array(columns * rows * 64);
    const tables = { dc: huffmanLookup(dc), ac: huffmanLookup(ac) };
    return { columns, rows, horizontal, vertical, blocks, ...tables, previous: 0 };
  });
  const intervals = splitAtRestarts(scan);
  const interval = restartInterval || mcus;
  let reader = new BitReader(new Uint8Array(4));
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (mcu % interval === 0) {
      reader = new BitReader(unstuff(intervals[mcu / interval] ?? new Uint8Array()));
      for (const plane of planes) plane.previous = 0;
    }
    for (const plane of planes) {
      for (let n = 0; n < plane.horizontal * plane.vertical; n++) {
        const column = (mcu % mcuColumns) * plane.horizontal + (n % plane.horizontal);
        const row =
          Math.floor(mcu / mcuColumns) * plane.vertical + Math.floor(n / plane.horizontal);
        const at = (row * plane.columns + column) * 64;
        plane.previous += reader.readDcDifference(plane.dc);
        plane.blocks[at] = plane.previous;
        reader.readAc(plane.ac, (index, value) => {
          plane.blocks[at + index] = value;
        });
      }
    }
  }
  const [y, cb, cr] = planes.map(({ columns, rows, blocks }) => ({ columns, rows, blocks }));
  return [y!, cb!, cr!];
}

function splitAtRestarts(scan: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let at = scan.indexOf(0xff); at >= 0; at = scan.indexOf(0xff, at + 2)) {
    if ((scan[at + 1]! & 0xf8) !== Marker.rst0) continue;
    parts.push(scan.subarray(start, at));
    start = at + 2;
  }
  parts.push(scan.subarray(start));
  return parts;
}
