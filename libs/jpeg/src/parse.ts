import { PermanentError } from '@mosaicme/errors';
import { truncated } from './bits';
import type { HuffmanTable } from './huffman';
import { huffmanCodes } from './huffman';
import { Marker } from './markers';

/** A colour component of a frame and the tables it uses. */
export interface JpegComponent {
  readonly id: number;
  /** Blocks of this component in an MCU, horizontally and vertically. */
  readonly horizontal: number;
  readonly vertical: number;
  /** 64 quantisation steps in zigzag order. */
  readonly quantisation: Uint8Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/** What the headers of a baseline YCbCr JPEG say, and where its entropy-coded data are. */
export interface ParsedJpeg {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Y, Cb, Cr. */
  readonly components: readonly [JpegComponent, JpegComponent, JpegComponent];
  /** MCUs between restart markers, 0 for none. */
  readonly restartInterval: number;
  /** The entropy-coded bytes, stuffing and restart markers included; a view of the input. */
  readonly scan: Uint8Array;
}

/** The tables of a JPEG by their slots: what DQT, DHT and DRI segments define. */
export interface JpegTables {
  readonly quantisation: Map<number, Uint8Array>;
  readonly dc: Map<number, HuffmanTable>;
  readonly ac: Map<number, HuffmanTable>;
  restartInterval: number;
}

interface FrameComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisationSlot: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: readonly FrameComponent[];
}

/**
 * Reads a baseline JPEG of three components in one scan.
 * @throws PermanentError with one of these codes; the way out is always to encode the picture anew:
 * `jpeg.not-a-jpeg`, `jpeg.truncated`, `jpeg.damaged`, `jpeg.progressive`, `jpeg.arithmetic`,
 * `jpeg.not-baseline`, `jpeg.precision` (12 bits), `jpeg.greyscale`, `jpeg.cmyk`, `jpeg.colour-space`
 * (RGB), `jpeg.components`, `jpeg.several-scans`, `jpeg.tables`, `jpeg.huffman-table`.
 */
export function parseJpeg(bytes: Uint8Array): ParsedJpeg {
  const tables = emptyTables();
  let frame: Frame | undefined;
  let adobeTransform: number | undefined;
  for (const { marker, body, end } of segmentsOf(bytes)) {
    if (readTables(tables, marker, body)) continue;
    if (isFrame(marker)) {
      requireBaseline(marker);
      frame = readFrame(body);
    } else if (marker === Marker.app0 + 14 && isAdobe(body)) {
      adobeTransform = body[11]!;
    } else if (marker === Marker.sos) {
      if (!frame) throw unusable('damaged', 'has a scan before its frame header');
      requireYcc(frame, adobeTransform);
      return {
        width: frame.width,
        height: frame.height,
        components: readScanHeader(body, frame, tables),
        restartInterval: tables.restartInterval,
        scan: entropyCodedBytes(bytes, end),
      };
    }
  }
  throw truncated();
}

export function emptyTables(): JpegTables {
  return { quantisation: new Map(), dc: new Map(), ac: new Map(), restartInterval: 0 };
}

/**
 * Walks the marker segments from SOI to the first SOS or EOI.
 * @returns Of each: its marker, its body without the length field, the index behind it.
 */
export function* segmentsOf(
  bytes: Uint8Array,
): Generator<{ marker: number; body: Uint8Array; end: number }> {
  if (bytes[0] !== 0xff || bytes[1] !== Marker.soi) {
    throw unusable('not-a-jpeg', 'does not begin with an SOI marker');
  }
  let at = 2;
  for (;;) {
    if (at + 4 > bytes.length) {
      if (bytes[at] === 0xff && bytes[at + 1] === Marker.eoi) return;
      throw truncated();
    }
    if (bytes[at] !== 0xff) throw unusable('damaged', `has no marker at byte ${at}`);
    // Any number of 0xFF fill bytes may stand before a marker (T.81, B.1.1.2).
    if (bytes[at + 1] === 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1]!;
    if (marker === Marker.eoi) return;
    const end = at + 2 + uint16(bytes, at + 2);
    if (end > bytes.length) throw truncated();
    yield { marker, body: bytes.subarray(at + 4, end), end };
    if (marker === Marker.sos) return;
    at = end;
  }
}

/** Takes in a DQT, DHT or DRI segment; false when it is none of them. */
export function readTables(tables: JpegTables, marker: number, body: Uint8Array): boolean {
  if (marker === Marker.dqt) readQuantisation(tables, body);
  else if (marker === Marker.dht) readHuffman(tables, body);
  else if (marker === Marker.dri) tables.restartInterval = uint16(body, 0);
  else return false;
  return true;
}

function readQuantisation(tables: JpegTables, body: Uint8Array): void {
  for (let at = 0; at < body.length; at += 65) {
    const precision = body[at]! >> 4;
    if (precision !== 0) throw unusable('tables', 'has 16-bit quantisation steps');
    if (at + 65 > body.length) throw truncated();
    const steps = body.slice(at + 1, at + 65);
    if (steps.includes(0)) throw unusable('tables', 'has a quantisation step of 0');
    tables.quantisation.set(body[at]! & 0xf, steps);
  }
}

function readHuffman(tables: JpegTables, body: Uint8Array): void {
  for (let at = 0; at < body.length;) {
    const isAc = body[at]! >> 4 === 1;
    const slot = body[at]! & 0xf;
    const counts = body.slice(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    at += 17 + total;
    if (at > body.length) throw truncated();
    const table = { counts, symbols: body.slice(at - total, at) };
    huffmanCodes(table);
    if (!table.symbols.every(isAc ? isAcSymbol : isDcSymbol)) {
      throw unusable('huffman-table', 'has a Huffman code for a value that 8-bit pictures lack');
    }
    (isAc ? tables.ac : tables.dc).set(slot, table);
  }
}

/** A baseline DC symbol is the category of a difference (T.81, table F.1). */
function isDcSymbol(symbol: number): boolean {
  return symbol <= 11;
}

/** A baseline AC symbol is run and category, or end of block, or sixteen zeros (T.81, F.1.2.2). */
function isAcSymbol(symbol: number): boolean {
  const size = symbol & 0xf;
  return size === 0 ? symbol === 0 || symbol === 0xf0 : size <= 10;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function requireBaseline(marker: number): void {
  if (marker === Marker.sof0) return;
  if (marker >= 0xc9) throw unusable('arithmetic', 'uses arithmetic coding');
  if (marker === 0xc2) throw unusable('progressive', 'is progressive');
  throw unusable('not-baseline', `has a frame of type SOF${marker - Marker.sof0}`);
}

function readFrame(body: Uint8Array): Frame {
  if (body[0] !== 8) throw unusable('precision', `has ${body[0]} bits a sample instead of 8`);
  const count = body[5]!;
  if (body.length < 6 + 3 * count) throw truncated();
  return {
    height: uint16(body, 1),
    width: uint16(body, 3),
    components: Array.from({ length: count }, (_, n) => ({
      id: body[6 + 3 * n]!,
      horizontal: body[7 + 3 * n]! >> 4,
      vertical: body[7 + 3 * n]! & 0xf,
      quantisationSlot: body[8 + 3 * n]!,
    })),
  };
}

function isAdobe(body: Uint8Array): boolean {
  return body.length >= 12 && String.fromCharCode(...body.subarray(0, 5)) === 'Adobe';
}

function requireYcc(frame: Frame, adobeTransform: number | undefined): void {
  const count = frame.components.length;
  if (count === 1) throw unusable('greyscale', 'is greyscale');
  if (count === 4) throw unusable('cmyk', 'is CMYK');
  if (count !== 3) throw unusable('components', `has ${count} components`);
  const ids = String.fromCharCode(...frame.components.map(({ id }) => id));
  if (adobeTransform === 0 || ids === 'RGB') throw unusable('colour-space', 'is RGB, not YCbCr');
  if (frame.width === 0 || frame.height === 0) throw unusable('damaged', 'has no size');
}

function readScanHeader(
  body: Uint8Array,
  frame: Frame,
  tables: JpegTables,
): readonly [JpegComponent, JpegComponent, JpegComponent] {
  if (body[0] !== frame.components.length) {
    throw unusable('several-scans', 'spreads its components over several scans');
  }
  if (body.length < 1 + 2 * frame.components.length + 3) throw truncated();
  const [y, cb, cr] = frame.components.map((component, n): JpegComponent => {
    if (body[1 + 2 * n] !== component.id) {
      throw unusable('several-scans', 'orders its components otherwise than its frame');
    }
    const slots = body[2 + 2 * n]!;
    const quantisation = tables.quantisation.get(component.quantisationSlot);
    const dc = tables.dc.get(slots >> 4);
    const ac = tables.ac.get(slots & 0xf);
    if (!quantisation || !dc || !ac) throw unusable('tables', 'uses a table that it lacks');
    const { id, horizontal, vertical } = component;
    return { id, horizontal, vertical, quantisation, dc, ac };
  });
  return [y!, cb!, cr!];
}

/** The bytes from `start` to the EOI marker; restart markers belong to the scan. */
function entropyCodedBytes(bytes: Uint8Array, start: number): Uint8Array {
  for (let at = bytes.indexOf(0xff, start); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === 0 || (next! & 0xf8) === Marker.rst0) continue;
    if (next === Marker.eoi) return bytes.subarray(start, at);
    if (next === undefined) break;
    throw unusable('several-scans', 'has further segments behind its first scan');
  }
  throw truncated();
}

function uint16(bytes: Uint8Array, at: number): number {
  if (at + 2 > bytes.length) throw truncated();
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** The error of a JPEG that cannot become a tile as it is. */
export function unusable(code: string, what: string): PermanentError {
  return new PermanentError(
    `jpeg.${code}`,
    `The JPEG ${what}. Tiles must be baseline YCbCr JPEGs with shared tables: encode it anew.`,
  );
}
