import {
  decodeProfile,
  decodeTileSegments,
  type TileProfile,
  type TileSegments,
} from '@mosaicme/jpeg';
import {
  checkSection,
  damaged,
  headerBytes,
  listItem,
  listRange,
  readHeader,
  type Section,
  type SectionName,
  type SectionTable,
} from './layout';
import { idBytes, subCellBytes, type Pack, type PackTile, type TileCredit } from './pack';
import { bySize, type TileSize } from './sizes';

/** The index part of a pack: everything but the pictures. */
export interface PackIndex {
  /** How many tiles. */
  readonly count: number;
  readonly profile: TileProfile;
  readonly featureSpace: string;
  readonly ids: readonly string[];
  /** One perceptual hash a tile. */
  readonly hashes: BigUint64Array;
  /** The number of its scene a tile. */
  readonly scenes: Uint32Array;
  /** Hashes of parts of the photos, as many a tile in all, one tile after the other. */
  readonly sceneHashes: BigUint64Array;
  /** One feature vector a tile, one after the other. */
  readonly features: Int16Array;
  /** 192 bytes a tile: RGB means of 8 x 8 sub-cells. */
  readonly subCells: Uint8Array;
  /** The credit of one tile. */
  credit(tile: number): TileCredit;
  /** Where the segments of each size lie. */
  readonly segments: Readonly<Record<TileSize, Section>>;
}

/** The segments of one size of all tiles of a pack. */
export interface PackSegments {
  readonly count: number;
  /** The segments of one tile: views of the section's bytes. */
  tile(index: number): TileSegments;
  /** Where one tile's encoded `TileSegments` lie in the section. */
  range(index: number): { readonly start: number; readonly end: number };
}

/** What it takes to find tiles of a pack by their ids: a fraction of its index part. */
export interface PackDirectory {
  /** How many tiles. */
  readonly count: number;
  readonly profile: TileProfile;
  readonly ids: readonly string[];
  /** Where the credits lie: one a tile, as `readPositions` and JSON tell. */
  readonly credits: Section;
  /** Where the segments of each size lie. */
  readonly segments: Readonly<Record<TileSize, Section>>;
}

/** More than the tables and the name of a feature space take. */
const directoryMargin = 4_096;

/**
 * How many of a pack's first bytes hold its directory, at most.
 * @param entry The pack as the manifest lists it.
 */
export const directoryBytes = (entry: { readonly tiles: number; readonly indexBytes: number }) =>
  Math.min(entry.indexBytes, headerBytes + directoryMargin + entry.tiles * idBytes);

/**
 * Reads the directory of a pack.
 *
 * @param bytes The pack's first `directoryBytes`, or more.
 * @param packName For error messages.
 * @throws PermanentError `pack.damaged` naming pack and section, `pack.version`.
 */
export function decodePackDirectory(bytes: Uint8Array, packName: string): PackDirectory {
  const { tiles: count, sections } = readHeader(bytes, packName);
  const content = (name: SectionName) => {
    const section = sections[name];
    return checkSection(bytes.subarray(section.start, section.end), section, packName);
  };
  return {
    count,
    profile: readProfile(content('profile'), packName),
    ids: decodeIds(content('ids')),
    credits: sections.credits,
    segments: segmentSections(sections),
  };
}

/** How many of a list's first bytes hold the positions of its items. */
export const positionBytes = (count: number): number => (count + 1) * 4;

/**
 * Where the items of a section lie, counted from the section's first byte: item n from `[n]` to `[n + 1]`.
 *
 * @param bytes The section's first `positionBytes`.
 * @throws PermanentError `pack.damaged` when they do not ascend or lead out of the section.
 */
export function readPositions(
  bytes: Uint8Array,
  section: Section,
  count: number,
  packName: string,
): Uint32Array {
  const start = positionBytes(count);
  if (bytes.length < start) throw damaged(packName, section.name);
  const view = viewOf(bytes);
  const positions = Uint32Array.from(
    { length: count + 1 },
    (_, item) => start + view.getUint32(item * 4, true),
  );
  const isAscending = positions.every((position, item) => position >= (positions[item - 1] ?? 0));
  if (!isAscending || positions[count]! > section.end - section.start) {
    throw damaged(packName, section.name);
  }
  return positions;
}

/**
 * Reads the index part of a pack.
 *
 * @param bytes The pack from its first byte, at least as far as its index part goes.
 * @param packName For error messages.
 * @throws PermanentError `pack.damaged` naming pack and section, `pack.version`.
 */
export function decodePackIndex(bytes: Uint8Array, packName: string): PackIndex {
  const { tiles: count, sections } = readHeader(bytes, packName);
  const content = (name: SectionName) => {
    const section = sections[name];
    return checkSection(bytes.subarray(section.start, section.end), section, packName);
  };
  const text = new TextDecoder();
  const credits = content('credits');
  return {
    count,
    profile: readProfile(content('profile'), packName),
    featureSpace: text.decode(content('space')),
    ids: decodeIds(content('ids')),
    hashes: decodeHashes(content('hashes')),
    scenes: decodeScenes(content('scenes')),
    sceneHashes: decodeHashes(content('parts')),
    features: decodeFeatures(content('features')),
    subCells: content('cells'),
    credit: (tile) => JSON.parse(text.decode(listItem(credits, count, tile))) as TileCredit,
    segments: segmentSections(sections),
  };
}

/**
 * Reads the section of a pack that holds the segments of one size.
 *
 * @param bytes Exactly the section, from `section.start` to `section.end` of the pack.
 * @throws PermanentError `pack.damaged` naming pack and section.
 */
export function decodeSegments(
  bytes: Uint8Array,
  section: Section,
  count: number,
  packName: string,
): PackSegments {
  checkSection(bytes, section, packName);
  const range = (index: number) => {
    if (!(index >= 0 && index < count)) {
      throw new RangeError(`The tile pack ${packName} has ${count} tiles, none at ${index}.`);
    }
    return listRange(bytes, count, index);
  };
  return {
    count,
    range,
    tile(index) {
      const { start, end } = range(index);
      return decodeTileSegments(bytes.subarray(start, end));
    },
  };
}

/** Reads a whole pack. @throws PermanentError `pack.damaged`, `pack.version`. */
export function decodePack(bytes: Uint8Array, packName: string): Pack {
  const index = decodePackIndex(bytes, packName);
  const { count, profile, featureSpace, ids, hashes, features, subCells } = index;
  const { scenes, sceneHashes } = index;
  const sized = bySize((size) => {
    const section = index.segments[size];
    const content = bytes.subarray(section.start, section.end);
    return decodeSegments(content, section, count, packName);
  });
  const length = count === 0 ? 0 : features.length / count;
  const parts = count === 0 ? 0 : sceneHashes.length / count;
  const tiles = ids.map((id, tile): PackTile => ({
    id,
    hash: hashes[tile]!,
    scene: scenes[tile]!,
    sceneHashes: sceneHashes.subarray(tile * parts, (tile + 1) * parts),
    features: features.subarray(tile * length, (tile + 1) * length),
    subCells: subCells.subarray(tile * subCellBytes, (tile + 1) * subCellBytes),
    credit: index.credit(tile),
    segments: bySize((size) => sized[size].tile(tile)),
  }));
  return { profile, featureSpace, tiles };
}

const segmentSections = (sections: SectionTable): PackIndex['segments'] =>
  bySize((size) => sections[size]);

function readProfile(bytes: Uint8Array, packName: string): TileProfile {
  try {
    return decodeProfile(bytes);
  } catch (cause) {
    throw damaged(packName, 'profile', cause);
  }
}

function decodeIds(bytes: Uint8Array): string[] {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return Array.from({ length: bytes.length / idBytes }, (_, tile) =>
    digits.slice(tile * idBytes * 2, (tile + 1) * idBytes * 2),
  );
}

function decodeHashes(bytes: Uint8Array): BigUint64Array {
  const view = viewOf(bytes);
  return BigUint64Array.from({ length: bytes.length / 8 }, (_, at) =>
    view.getBigUint64(at * 8, true),
  );
}

function decodeScenes(bytes: Uint8Array): Uint32Array {
  const view = viewOf(bytes);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

function decodeFeatures(bytes: Uint8Array): Int16Array {
  const view = viewOf(bytes);
  const values = new Int16Array(bytes.length / 2);
  for (let at = 0; at < values.length; at++) values[at] = view.getInt16(at * 2, true);
  return values;
}

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
