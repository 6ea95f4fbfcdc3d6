import { crc32 } from '@mosaicme/checksum';
import { PermanentError } from '@mosaicme/errors';
import { tileSizes } from './sizes';

/*
 * A pack, all numbers little endian:
 *
 *   header   magic 'MMTP', version u16, sections u16, tiles u32,
 *            for each section: offset u32, length u32, CRC-32 u32
 *            CRC-32 of the header so far u32
 *   profile  tables-only JPEG
 *   space    name of the feature space, UTF-8
 *   ids      16 bytes a tile
 *   hashes   u64 a tile
 *   scenes   u32 a tile
 *   parts    u64 x n a tile
 *   features i16 x n a tile
 *   cells    192 bytes a tile
 *   credits  tiles + 1 positions u32, then UTF-8 JSON a tile
 *   128, 64, 32, 16   tiles + 1 positions u32, then encoded TileSegments a tile
 *
 * Everything up to and with the credits is the index part: one range request from the first byte.
 * Positions count from the first byte after the positions.
 */

const magic = 0x50544d4d; // 'MMTP'
const version = 2;

/** The sections in their order. A size in pixels names the section with the segments of that size. */
export const sectionNames = [
  'profile',
  'space',
  'ids',
  'hashes',
  'scenes',
  'parts',
  'features',
  'cells',
  'credits',
  ...tileSizes,
] as const;
export type SectionName = (typeof sectionNames)[number];

/** Where a section lies in its pack. */
export interface Section {
  readonly name: SectionName;
  /** First byte, counted from the start of the pack. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  readonly checksum: number;
}

export type SectionTable = Readonly<Record<SectionName, Section>>;

const fixedBytes = 12;
const entryBytes = 12;
export const headerBytes = fixedBytes + sectionNames.length * entryBytes + 4;

/** Puts sections one after the other behind a header that says where each lies. */
export function joinSections(
  tiles: number,
  contents: Readonly<Record<SectionName, Uint8Array>>,
): { readonly bytes: Uint8Array; readonly indexBytes: number } {
  const total = sectionNames.reduce((sum, name) => sum + contents[name].length, headerBytes);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint16(4, version, true);
  view.setUint16(6, sectionNames.length, true);
  view.setUint32(8, tiles, true);
  let at = headerBytes;
  let indexBytes = 0;
  sectionNames.forEach((name, index) => {
    const entry = fixedBytes + index * entryBytes;
    bytes.set(contents[name], at);
    view.setUint32(entry, at, true);
    view.setUint32(entry + 4, contents[name].length, true);
    view.setUint32(entry + 8, crc32(contents[name]), true);
    at += contents[name].length;
    if (name === 'credits') indexBytes = at;
  });
  view.setUint32(headerBytes - 4, crc32(bytes.subarray(0, headerBytes - 4)), true);
  return { bytes, indexBytes };
}

/**
 * Reads the header of a pack.
 *
 * @param bytes At least the header.
 * @throws PermanentError `pack.damaged`, `pack.version`
 */
export function readHeader(
  bytes: Uint8Array,
  packName: string,
): { readonly tiles: number; readonly sections: SectionTable } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes || view.getUint32(0, true) !== magic) {
    throw damaged(packName, 'header');
  }
  if (view.getUint16(4, true) !== version) {
    throw new PermanentError(
      'pack.version',
      `The tile pack ${packName} has version ${view.getUint16(4, true)}, but this program reads ${version}; ` +
        'use one program version for all that write and read packs.',
    );
  }
  const checksum = view.getUint32(headerBytes - 4, true);
  if (crc32(bytes.subarray(0, headerBytes - 4)) !== checksum) throw damaged(packName, 'header');
  const entries = sectionNames.map((name, index): [SectionName, Section] => {
    const entry = fixedBytes + index * entryBytes;
    const start = view.getUint32(entry, true);
    const end = start + view.getUint32(entry + 4, true);
    return [name, { name, start, end, checksum: view.getUint32(entry + 8, true) }];
  });
  return { tiles: view.getUint32(8, true), sections: Object.fromEntries(entries) as SectionTable };
}

/**
 * Checks a section's bytes against its checksum and returns them.
 * @throws PermanentError `pack.damaged`
 */
export function checkSection(bytes: Uint8Array, section: Section, packName: string): Uint8Array {
  if (bytes.length !== section.end - section.start || crc32(bytes) !== section.checksum) {
    throw damaged(packName, section.name);
  }
  return bytes;
}

/** Puts byte strings of any length one after the other, with the positions of each before them. */
export function encodeList(items: readonly Uint8Array[]): Uint8Array {
  const start = (items.length + 1) * 4;
  const bytes = new Uint8Array(items.reduce((sum, item) => sum + item.length, start));
  const view = new DataView(bytes.buffer);
  let position = 0;
  items.forEach((item, index) => {
    bytes.set(item, start + position);
    position += item.length;
    view.setUint32((index + 1) * 4, position, true);
  });
  return bytes;
}

/** Where one item of a list written by `encodeList` lies in it. */
export function listRange(
  list: Uint8Array,
  count: number,
  index: number,
): { readonly start: number; readonly end: number } {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const start = (count + 1) * 4;
  return {
    start: start + view.getUint32(index * 4, true),
    end: start + view.getUint32((index + 1) * 4, true),
  };
}

/** One item of a list written by `encodeList`, as a view of its bytes. */
export function listItem(list: Uint8Array, count: number, index: number): Uint8Array {
  const { start, end } = listRange(list, count, index);
  return list.subarray(start, end);
}

export const damaged = (packName: string, section: SectionName | 'header', cause?: unknown) =>
  new PermanentError(
    'pack.damaged',
    `The tile pack ${packName} is damaged in its section '${section}'; fetch it again, or build it anew ` +
      'from the raw photos.',
    { cause },
  );
