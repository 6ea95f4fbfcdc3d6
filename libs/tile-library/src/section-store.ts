import { PermanentError, TransientError } from '@mosaicme/errors';
import { decodeTileSegments, type TileSegments } from '@mosaicme/jpeg';
import type { PackEntry, PackIndex, PackSegments, TileSize } from '@mosaicme/tile-pack';
import { closeSync, openSync, readSync } from 'node:fs';
import pLimit from 'p-limit';
import type { DiskCache } from './disk-cache';
import { cacheName, hashInName, type PackReader } from './pack-reader';

/** A pack whose index part is known. */
export interface KnownPack {
  readonly entry: PackEntry;
  readonly index: PackIndex;
}

/** The segments of all packs: in memory within a budget, otherwise in the disk cache. */
export interface SectionStore {
  /**
   * Makes the segments of one size ready, fetching and checking what is missing.
   * @throws PermanentError `tiles.memory-budget` when they fit nowhere; TransientError
   *   `tiles.cache-unusable` when that is because the disk is full; `tiles.pack-gone` when a pack is
   *   damaged in the store or was merged into another: take a fresh set.
   */
  load(packs: readonly KnownPack[], size: TileSize): Promise<void>;
  /** @throws TransientError `tiles.not-loaded` */
  segments(pack: KnownPack, row: number, size: TileSize): TileSegments;
  /** Forgets all packs but these, in memory and on disk: removed photos must not live on here. */
  retain(hashes: ReadonlySet<string>): Promise<void>;
}

interface Held {
  /** Of the pack. */
  readonly hash: string;
  readonly size: TileSize;
  /** What it takes in memory, the decoded headers of its tiles included. */
  readonly cost: number;
  readonly decoded: (TileSegments | undefined)[];
  /** Where each tile lies in the file of the disk cache: `ranges[row]` to `ranges[row + 1]`. */
  readonly ranges: Uint32Array;
  /** Undefined while only the disk cache has it. */
  inMemory: PackSegments | undefined;
}

/** Bytes that a decoded `TileSegments` takes beside its data, roughly. */
const decodedTileBytes = 600;

/** Sections fetched at a time. */
const sectionsAtOnce = 6;

/**
 * @param options.onUnreadable Hears of packs that are damaged in the store itself, or gone from it.
 * @param options.onHeld Hears of each section that was asked for and is in memory.
 */
export function createSectionStore(options: {
  readonly reader: PackReader;
  readonly cache?: DiskCache | undefined;
  readonly memoryBudgetBytes: number;
  readonly onUnreadable: (entry: PackEntry, error: unknown) => void;
  readonly onHeld?: () => void;
}): SectionStore {
  const { reader, cache, memoryBudgetBytes, onUnreadable, onHeld } = options;
  /** By cache name; the one loaded longest ago comes first. */
  const held = new Map<string, Held>();
  let used = 0;

  function drop(section: Held): void {
    if (!section.inMemory) return;
    section.inMemory = undefined;
    section.decoded.length = 0;
    used -= section.cost;
  }

  /**
   * Frees memory for sections of `size`: first to go are those that were loaded longest ago. Without a
   * disk cache only packs that are not `live` may go, because the others could not be had again at once.
   */
  function makeRoom(cost: number, size: TileSize, live: ReadonlySet<string>): boolean {
    for (const section of held.values()) {
      if (used + cost <= memoryBudgetBytes) break;
      const isLive = live.has(section.hash);
      if (isLive && (!cache || section.size === size)) continue;
      drop(section);
    }
    return used + cost <= memoryBudgetBytes;
  }

  async function loadOne(pack: KnownPack, size: TileSize, live: ReadonlySet<string>) {
    const name = cacheName(pack.entry, size);
    const before = held.get(name);
    if (before) {
      held.delete(name);
      held.set(name, before);
      if (before.inMemory) onHeld?.();
      const onDisk = cache?.has(name) ?? false;
      if (before.inMemory || (onDisk && !makeRoom(before.cost, size, live))) return;
    }
    const segments = await read(pack, size);
    const section = held.get(name) ?? describe(pack, segments, size);
    held.set(name, section);
    if (section.inMemory) return;
    if (makeRoom(section.cost, size, live)) {
      section.inMemory = segments;
      used += section.cost;
    } else if (!cache?.has(name)) {
      throw cache && !cache.isWritable()
        ? cacheUnusable(memoryBudgetBytes, size)
        : overBudget(memoryBudgetBytes, size);
    }
  }

  async function read(pack: KnownPack, size: TileSize): Promise<PackSegments> {
    try {
      return await reader.segments(pack.entry, pack.index, size);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      onUnreadable(pack.entry, error);
      throw new TransientError(
        'tiles.pack-gone',
        `The tile pack ${pack.entry.key} cannot be read any more; refresh the library and try again.`,
        { cause: error },
      );
    }
  }

  return {
    async load(packs, size) {
      const live = new Set(packs.map(({ entry }) => entry.hash));
      await pLimit(sectionsAtOnce).map(packs, (pack) => loadOne(pack, size, live));
    },
    segments({ entry }, row, size) {
      const name = cacheName(entry, size);
      const section = held.get(name);
      if (!section) throw notLoaded(entry, size);
      if (!section.inMemory) {
        if (!cache) throw notLoaded(entry, size);
        return readFromDisk(cache.path(name), section.ranges, row, entry);
      }
      return (section.decoded[row] ??= section.inMemory.tile(row));
    },
    async retain(hashes) {
      for (const [name, section] of held) {
        if (hashes.has(section.hash)) continue;
        drop(section);
        held.delete(name);
      }
      for (const name of cache?.names() ?? []) {
        if (!hashes.has(hashInName(name))) await cache?.remove(name);
      }
    },
  };
}

function describe({ entry, index }: KnownPack, segments: PackSegments, size: TileSize): Held {
  const ranges = new Uint32Array(index.count + 1);
  for (let row = 0; row < index.count; row++) {
    const { start, end } = segments.range(row);
    ranges[row] = start;
    ranges[row + 1] = end;
  }
  const { start, end } = index.segments[size];
  const cost = end - start + index.count * decodedTileBytes;
  return { hash: entry.hash, size, cost, decoded: [], ranges, inMemory: undefined };
}

/** Synchronous on purpose: assembly asks tile by tile, and the file is usually in the page cache. */
function readFromDisk(
  path: string,
  ranges: Uint32Array,
  row: number,
  entry: PackEntry,
): TileSegments {
  const start = ranges[row]!;
  const bytes = new Uint8Array(ranges[row + 1]! - start);
  try {
    const file = openSync(path, 'r');
    try {
      const length = readSync(file, bytes, 0, bytes.length, start);
      if (length < bytes.length) throw new RangeError(`The file ends at byte ${start + length}.`);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new TransientError(
      'tiles.not-loaded',
      `The tile pack ${entry.key} is gone from the disk cache; give the cache more bytes, or load again.`,
      { cause },
    );
  }
  return decodeTileSegments(bytes);
}

const notLoaded = (entry: PackEntry, size: TileSize) =>
  new TransientError(
    'tiles.not-loaded',
    `The tiles of ${size} px of pack ${entry.key} are not loaded; load that size first.`,
  );

const overBudget = (budget: number, size: TileSize) =>
  new PermanentError(
    'tiles.memory-budget',
    `The tiles of ${size} px do not fit into ${Math.round(budget / 1e6)} MB of memory; raise the ` +
      'budget, use smaller tiles, or give the library a cache folder with enough room.',
  );

const cacheUnusable = (budget: number, size: TileSize) =>
  new TransientError(
    'tiles.cache-unusable',
    `The tiles of ${size} px do not fit into ${Math.round(budget / 1e6)} MB of memory, and the cache ` +
      'folder cannot be written; make room on its disk, or raise the budget.',
  );
