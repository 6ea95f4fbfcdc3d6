import { PermanentError } from '@mosaicme/errors';
import { MCU_SIZE } from './markers';
import { isTileSize } from './profile';

/**
 * A tile as ready-made entropy-coded segments, one for each row of MCUs. The DC prediction of each
 * starts anew and each ends on a byte boundary (filled with 1 bits), so that any segments of one
 * profile can stand next to each other in a scan, with restart markers between them.
 */
export interface TileSegments {
  /** Side in pixels: a multiple of 16, at most 512. */
  readonly size: number;
  /** Segments, that is rows of MCUs: size / 16. */
  readonly rows: number;
  /** All segments one after the other, byte stuffing included. */
  readonly data: Uint8Array;
  /** rows + 1 byte positions in `data`: segment `row` is `offsets[row]` … `offsets[row + 1] - 1`. */
  readonly offsets: Uint32Array;
  /** What a colour shift and a segment that follows need to know: `HEAD_LENGTH` numbers for each row, see `Head`. */
  readonly heads: Int32Array;
}

/** The places in a row's `HEAD_LENGTH` numbers of `TileSegments.heads`. */
export const Head = {
  /** Bits of the segment, without stuffing and without the bits that fill the last byte. */
  bits: 0,
  /** Position of the code of the first DC difference of Cb, in bits of the unstuffed segment. */
  cbPosition: 1,
  /** The same for Cr. Y's is at 0. */
  crPosition: 2,
  /** First quantised DC of Y, Cb, Cr: the value of the first DC difference of each. */
  y: 3,
  cb: 4,
  cr: 5,
  /** Last quantised DC of Y, Cb, Cr: from it the first difference of a segment that continues this one. */
  lastY: 6,
  lastCb: 7,
  lastCr: 8,
} as const;

export const HEAD_LENGTH = 9;

const VERSION = 2;
const HEADER_BYTES = 4;
const ROW_BYTES = 22;

/** The DC of 8-bit samples with a quantisation step of 1; `MAX_SHIFT` counts on it. */
const LARGEST_DC = 1024;

/** Bytes that `encodeTileSegments` needs for a tile. */
export function encodedLength(tile: TileSegments): number {
  return HEADER_BYTES + ROW_BYTES * tile.rows + tile.data.length;
}

/**
 * A tile as flat bytes (little endian): version, rows, two zeros; then 22 bytes a row (bytes of the
 * segment u16, position of Cb u16, of Cr u16, first DC of Y, Cb, Cr i16 each, bits u32, last DC of Y, Cb,
 * Cr i16 each); then `data`.
 */
export function encodeTileSegments(tile: TileSegments): Uint8Array {
  const bytes = new Uint8Array(encodedLength(tile));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, tile.rows);
  for (let row = 0; row < tile.rows; row++) {
    const at = HEADER_BYTES + ROW_BYTES * row;
    const head = row * HEAD_LENGTH;
    view.setUint16(at, tile.offsets[row + 1]! - tile.offsets[row]!, true);
    view.setUint16(at + 2, tile.heads[head + Head.cbPosition]!, true);
    view.setUint16(at + 4, tile.heads[head + Head.crPosition]!, true);
    view.setInt16(at + 6, tile.heads[head + Head.y]!, true);
    view.setInt16(at + 8, tile.heads[head + Head.cb]!, true);
    view.setInt16(at + 10, tile.heads[head + Head.cr]!, true);
    view.setUint32(at + 12, tile.heads[head + Head.bits]!, true);
    view.setInt16(at + 16, tile.heads[head + Head.lastY]!, true);
    view.setInt16(at + 18, tile.heads[head + Head.lastCb]!, true);
    view.setInt16(at + 20, tile.heads[head + Head.lastCr]!, true);
  }
  bytes.set(tile.data, HEADER_BYTES + ROW_BYTES * tile.rows);
  return bytes;
}

/**
 * The inverse of `encodeTileSegments`.
 * @param bytes Exactly one tile, at any alignment. `data` of the result is a view of them, no copy.
 * @throws PermanentError `jpeg.tile-segments` when the bytes contradict themselves.
 */
export function decodeTileSegments(bytes: Uint8Array): TileSegments {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = bytes.length >= HEADER_BYTES ? view.getUint8(1) : 0;
  const start = HEADER_BYTES + ROW_BYTES * rows;
  if (bytes[0] !== VERSION || !isTileSize(rows * MCU_SIZE) || bytes.length < start) {
    throw inconsistent(`no header of version ${VERSION}`);
  }
  const offsets = new Uint32Array(rows + 1);
  const heads = new Int32Array(rows * HEAD_LENGTH);
  for (let row = 0; row < rows; row++) {
    const at = HEADER_BYTES + ROW_BYTES * row;
    const length = view.getUint16(at, true);
    const cbPosition = view.getUint16(at + 2, true);
    const crPosition = view.getUint16(at + 4, true);
    const bits = view.getUint32(at + 12, true);
    const dc = [6, 8, 10, 16, 18, 20].map((offset) => view.getInt16(at + offset, true));
    if (dc.some((value) => Math.abs(value) > LARGEST_DC)) {
      throw inconsistent(`a mean colour out of range in row ${row}`);
    }
    if (cbPosition >= crPosition || crPosition >= bits || bits > length * 8) {
      throw inconsistent(`positions out of order in row ${row}`);
    }
    const head = row * HEAD_LENGTH;
    heads[head + Head.bits] = bits;
    heads[head + Head.cbPosition] = cbPosition;
    heads[head + Head.crPosition] = crPosition;
    heads.set(dc, head + Head.y);
    offsets[row + 1] = offsets[row]! + length;
  }
  const data = bytes.subarray(start);
  if (offsets[rows] !== data.length) {
    throw inconsistent(`${data.length} bytes of data instead of ${offsets[rows]}`);
  }
  return { size: rows * MCU_SIZE, rows, data, offsets, heads };
}

/** The error of neighbours whose colours differ more than baseline JPEG can say. */
export function beyondDcRange(): PermanentError {
  return new PermanentError(
    'jpeg.dc-range',
    'Two neighbouring tiles differ more in their mean colour than baseline JPEG can code with a ' +
      'quantisation step of 1: encode the tiles at a quality of at most 95, or shift their colours less.',
  );
}

/** The error of segments that contradict themselves. */
export function inconsistent(what: string): PermanentError {
  return new PermanentError(
    'jpeg.tile-segments',
    `Stored tile segments are damaged: ${what}. Fetch or build the tile pack anew.`,
  );
}
