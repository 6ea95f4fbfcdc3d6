import { PermanentError } from '@mosaicme/errors';
import type { HuffmanTable } from './huffman';
import { Marker, MCU_SIZE } from './markers';
import type { JpegComponent, JpegTables, ParsedJpeg } from './parse';
import { emptyTables, parseJpeg, readTables, segmentsOf, unusable } from './parse';

/** The tables of one kind of component. */
export interface ComponentTables {
  /** 64 quantisation steps in zigzag order. */
  readonly quantisation: Uint8Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/**
 * The headers that all tiles of a mosaic share: only segments of one profile can stand in one scan.
 * Sampling is always 4:2:0, so an MCU is 16 x 16 px: four blocks of Y, one of Cb, one of Cr.
 */
export interface TileProfile {
  readonly luma: ComponentTables;
  readonly chroma: ComponentTables;
}

/**
 * The profile of a JPEG.
 * @throws PermanentError as `parseJpeg`, and `jpeg.sampling`, `jpeg.tables`.
 */
export function readProfile(jpeg: Uint8Array): TileProfile {
  return profileOf(parseJpeg(jpeg));
}

/** As `readProfile`, of a JPEG that is parsed already. */
export function profileOf({ components: [y, cb, cr] }: ParsedJpeg): TileProfile {
  const sampling = [y, cb, cr].map((c) => `${c.horizontal}x${c.vertical}`).join(',');
  if (sampling !== '2x2,1x1,1x1') {
    throw unusable('sampling', `is not sampled 4:2:0 (its components have ${sampling})`);
  }
  if (!sameTables(cb, cr)) throw unusable('tables', 'has different tables for Cb and Cr');
  return checked({ luma: tablesOf(y), chroma: tablesOf(cb) });
}

/** True when segments of both profiles can stand in one scan. */
export function sameProfile(a: TileProfile, b: TileProfile): boolean {
  return a === b || (sameTables(a.luma, b.luma) && sameTables(a.chroma, b.chroma));
}

/**
 * A profile as bytes: an abbreviated JPEG that holds tables only (T.81, B.5), 574 bytes long with the
 * standard Huffman tables.
 */
export function encodeProfile(profile: TileProfile): Uint8Array {
  return Uint8Array.of(0xff, Marker.soi, ...tableSegments(profile), 0xff, Marker.eoi);
}

/**
 * The inverse of `encodeProfile`.
 * @throws PermanentError `jpeg.not-a-jpeg`, `jpeg.truncated`, `jpeg.damaged`, `jpeg.tables`.
 */
export function decodeProfile(bytes: Uint8Array): TileProfile {
  const tables = emptyTables();
  for (const { marker, body } of segmentsOf(bytes)) {
    if (!readTables(tables, marker, body)) throw unusable('damaged', 'holds more than tables');
  }
  return checked({ luma: slotOf(tables, 0), chroma: slotOf(tables, 1) });
}

/** The DQT and DHT segments of a profile: luma in slot 0, chroma in slot 1. */
export function tableSegments(profile: TileProfile): number[] {
  const bytes: number[] = [];
  [profile.luma, profile.chroma].forEach((tables, slot) => {
    bytes.push(0xff, Marker.dqt, 0, 67, slot, ...tables.quantisation);
    [tables.dc, tables.ac].forEach(({ counts, symbols }, kind) => {
      bytes.push(0xff, Marker.dht, 0, 19 + symbols.length, (kind << 4) | slot);
      bytes.push(...counts, ...symbols);
    });
  });
  return bytes;
}

/** An additive change of colour in levels (0 to 255 span the range of a component). */
export interface ColourShift {
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
}

/** A colour shift in whole quantised DC steps: what a segment can really be shifted by. */
export interface DcSteps {
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
}

/**
 * The largest shift of a component in levels. A quantised DC lies within ±1024 / q and a level is
 * 8 / q steps, so a shifted DC stays within ±(1024 + 8 * 127) = ±2040, which the eleven categories of
 * baseline (±2047) can always code, whatever q is. The limit is the same for every row of a tile, so
 * a clamped shift never shows as stripes.
 */
export const MAX_SHIFT = 127;

/** Levels by which one DC step moves a component: an eighth of its DC quantisation step. */
export function shiftResolution({ luma, chroma }: TileProfile): { luma: number; chroma: number } {
  return { luma: luma.quantisation[0]! / 8, chroma: chroma.quantisation[0]! / 8 };
}

/**
 * The nearest shift that the profile can express.
 * @param shift Levels; clamped to ±`MAX_SHIFT`.
 * @returns Whole DC steps of `shiftResolution` levels each.
 * @throws PermanentError `jpeg.shift` when a level is not a number.
 */
export function shiftToSteps(profile: TileProfile, shift: ColourShift): DcSteps {
  const { luma, chroma } = shiftResolution(profile);
  return {
    y: nearestStep(shift.y, luma),
    cb: nearestStep(shift.cb, chroma),
    cr: nearestStep(shift.cr, chroma),
  };
}

function nearestStep(levels: number, resolution: number): number {
  if (Number.isNaN(levels)) {
    throw new PermanentError(
      'jpeg.shift',
      'A colour shift is not a number: give levels of -127 to 127 for Y, Cb and Cr.',
    );
  }
  const clamped = Math.max(-MAX_SHIFT, Math.min(MAX_SHIFT, levels));
  return Math.trunc(clamped / resolution + Math.sign(clamped) / 2);
}

/** The largest side of a tile in pixels. */
export const MAX_TILE_SIZE = 512;

/** True for the sides in pixels that a tile may have: multiples of an MCU, up to `MAX_TILE_SIZE`. */
export function isTileSize(size: number): boolean {
  return size % MCU_SIZE === 0 && size >= MCU_SIZE && size <= MAX_TILE_SIZE;
}

/** Shifts and mirrored tiles need a code for each DC difference of 8-bit pictures. */
function checked(profile: TileProfile): TileProfile {
  for (const { dc } of [profile.luma, profile.chroma]) {
    for (let size = 0; size <= 11; size++) {
      if (!dc.symbols.includes(size)) {
        throw unusable('tables', 'has optimised Huffman tables that lack some DC categories');
      }
    }
  }
  return profile;
}

function slotOf(tables: JpegTables, slot: number): ComponentTables {
  const quantisation = tables.quantisation.get(slot);
  const dc = tables.dc.get(slot);
  const ac = tables.ac.get(slot);
  if (!quantisation || !dc || !ac) throw unusable('tables', `lacks tables in slot ${slot}`);
  return { quantisation, dc, ac };
}

function tablesOf({ quantisation, dc, ac }: JpegComponent): ComponentTables {
  return { quantisation, dc, ac };
}

function sameTables(a: ComponentTables, b: ComponentTables): boolean {
  return (
    sameBytes(a.quantisation, b.quantisation) && sameHuffman(a.dc, b.dc) && sameHuffman(a.ac, b.ac)
  );
}

function sameHuffman(a: HuffmanTable, b: HuffmanTable): boolean {
  return sameBytes(a.counts, b.counts) && sameBytes(a.symbols, b.symbols);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
