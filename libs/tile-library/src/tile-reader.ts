import { codeOf, messageOf, PermanentError } from '@mosaicme/errors';
import {
  decodeTileSegments,
  readProfile,
  sameProfile,
  transcodeTile,
  type TileProfile,
  type TileSegments,
} from '@mosaicme/jpeg';
import { ObjectNotFound, type ObjectStore } from '@mosaicme/object-store';
import { noMetrics, type Logger, type Metrics } from '@mosaicme/service';
import {
  decodePackDirectory,
  directoryBytes,
  largeTileSizes,
  positionBytes,
  readPositions,
  type DrawnSize,
  type LargeTileSize,
  type PackDirectory,
  type PackEntry,
  type Section,
  type TileCredit,
  type TileSize,
} from '@mosaicme/tile-pack';
import pLimit from 'p-limit';
import { createByteCache } from './byte-cache';
import { largeTileKey, manifestKey } from './keys';
import { readManifest } from './manifest-store';
import type { TileSet } from './tile-set';

/** Tiles by the ids of their photos: what drawing needs of a library, without what matching needs. */
export interface TileReader {
  /**
   * Reads tiles at one size. It never fails for a tile that is gone: that is missing from the batch.
   * @throws TransientError when the store does not answer.
   */
  read(ids: Iterable<string>, size: DrawnSize): Promise<TileBatch>;
}

/** What was read; segments stay valid however long they are kept. */
export interface TileBatch {
  /** The JPEG tables that all tiles share; undefined for an empty library. */
  readonly profile: TileProfile | undefined;
  /** Undefined for a tile that is not in the library, or not kept at this size. */
  get(id: string): TileSegments | undefined;
  /** False when a tile is in the library but cannot be read now: what is drawn may heal. */
  readonly isComplete: boolean;
}

/**
 * A library's tiles by id, from its own memory, for one drawing. It keeps no larger sizes than those of
 * the packs, and loads each once.
 */
export function readerOf(
  tiles: Pick<TileSet, 'size' | 'indexOf' | 'load' | 'profile' | 'segments'>,
): TileReader {
  const loads = new Map<TileSize, Promise<void>>();
  return {
    async read(_ids, size) {
      if (isLarge(size) || tiles.size === 0) {
        return { profile: undefined, get: () => undefined, isComplete: true };
      }
      let load = loads.get(size);
      if (!load) loads.set(size, (load = tiles.load(size)));
      await load;
      return {
        profile: tiles.profile(size),
        get(id) {
          const index = tiles.indexOf(id);
          return index === undefined ? undefined : tiles.segments(index, size);
        },
        isComplete: true,
      };
    },
  };
}

export interface TileReaderOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Bytes of segments in memory. */
  readonly memoryBudgetBytes: number;
  /** How often it looks for added and removed tiles, in milliseconds. */
  readonly refreshMs?: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** A reader that follows the library in the store. */
export interface OpenTileReader extends TileReader {
  /** Whom the tile of a photo belongs to; undefined when it is not in the library. */
  credit(id: string): Promise<TileCredit | undefined>;
}

/** A pack as far as it is known. */
interface Pack {
  readonly entry: PackEntry;
  readonly directory: PackDirectory;
  /** Positions of the items of each section that was read from, by its name. */
  readonly positions: Map<string, Promise<Uint32Array>>;
}

interface Place {
  readonly pack: Pack;
  readonly row: number;
}

/** Bytes between two wanted tiles that are read along rather than asked for apart. */
const maxGapBytes = 32_768;

/** Range reads at the same time. */
const width = 16;

/** Bytes that a `TileSegments` takes beside its data, roughly. */
const tileOverheadBytes = 600;

const defaultRefreshMs = 1_000;

const isLarge = (size: DrawnSize): size is LargeTileSize =>
  (largeTileSizes as readonly number[]).includes(size);

/**
 * Opens a reader by id over the packs of a library. It holds ids and places of all tiles, and the
 * segments that were used last; neither feature vectors nor credits. Tiles are read by range, neighbours
 * in one request. Removed photos vanish from what is read within `refreshMs`.
 *
 * It resolves at once: the library is first read when somebody asks for a tile.
 */
export function openTileReader({
  store,
  bucket,
  memoryBudgetBytes,
  refreshMs = defaultRefreshMs,
  logger,
  metrics = noMetrics,
}: TileReaderOptions): OpenTileReader {
  const limit = pLimit(width);
  const cache = createByteCache<TileSegments>(memoryBudgetBytes);
  /** Reads in flight by `cacheKey`, so that two visitors of one place cause one read. */
  const inFlight = new Map<string, Promise<unknown>>();
  let packs = new Map<string, Pack>();
  const places = new Map<string, Place>();
  let removed: ReadonlySet<string> = new Set();
  let profile: TileProfile | undefined;
  let etagOfCurrent: string | undefined;
  let checkedAt = -Infinity;
  let refreshing: Promise<void> | undefined;

  const cacheKey = (id: string, size: DrawnSize) => `${size}:${id}`;

  const placeOf = (id: string): Place | undefined => (removed.has(id) ? undefined : places.get(id));

  /** One at a time; who comes while it runs waits for it. */
  function refresh(): Promise<void> {
    refreshing ??= follow().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function follow(): Promise<void> {
    const startedAt = performance.now();
    const head = await store.head({ bucket, key: manifestKey });
    if (checkedAt === -Infinity || head?.etag !== etagOfCurrent) {
      const { manifest, etag } = await readManifest(store, bucket);
      const found = await Promise.all(
        manifest.packs.map((entry) => limit(() => readDirectory(entry))),
      );
      show(found.filter((pack) => pack !== undefined));
      removed = new Set(manifest.removed);
      // A pack that vanished while it was read was merged: the manifest is another by now.
      const isWhole = found.every((pack) => pack !== undefined);
      etagOfCurrent = isWhole ? etag : undefined;
    }
    checkedAt = startedAt;
  }

  /** Undefined for a pack that cannot be used. */
  async function readDirectory(entry: PackEntry): Promise<Pack | undefined> {
    const before = packs.get(entry.hash);
    if (before) return before;
    try {
      const range = { start: 0, end: directoryBytes(entry) };
      const { bytes } = await store.get({ bucket, key: entry.key }, range);
      const directory = decodePackDirectory(bytes, entry.key);
      return { entry, directory, positions: new Map() };
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      const level = error instanceof ObjectNotFound ? 'info' : 'error';
      logger[level]({ pack: entry.key, reason: messageOf(error) }, 'tile pack left out');
      return undefined;
    }
  }

  /** Only segments with the same JPEG tables can stand in one picture: the first pack decides. */
  function show(found: readonly Pack[]): void {
    profile = found[0]?.directory.profile;
    const usable = found.filter(({ directory }) => sameProfile(directory.profile, profile!));
    const next = new Map(usable.map((pack) => [pack.entry.hash, pack]));
    for (const [hash, pack] of packs) {
      if (next.has(hash)) continue;
      for (const id of pack.directory.ids) {
        if (places.get(id)?.pack === pack) places.delete(id);
      }
    }
    for (const [hash, pack] of next) {
      if (packs.has(hash)) continue;
      pack.directory.ids.forEach((id, row) => places.set(id, { pack, row }));
    }
    packs = next;
  }

  /** Makes sure that what is known is young enough; old news are used while new ones are fetched. */
  async function beCurrent(): Promise<void> {
    if (performance.now() - checkedAt < refreshMs) return;
    if (checkedAt === -Infinity) return refresh();
    refresh().catch((error: unknown) => {
      logger.warn({ reason: messageOf(error) }, 'the tile library is not refreshed');
    });
  }

  async function findAll(ids: readonly string[]): Promise<void> {
    await beCurrent();
    const isUnknown = (id: string) => !places.has(id) && !removed.has(id);
    if (!ids.some(isUnknown)) return;
    // A tile may be younger than the last refresh. When it is not there either, it is gone.
    if (refreshing || performance.now() - checkedAt >= refreshMs) await refresh();
  }

  function positionsOf({ entry, directory, positions }: Pack, section: Section) {
    let found = positions.get(String(section.name));
    if (!found) {
      found = readRange(entry, section.start, section.start + positionBytes(directory.count)).then(
        (bytes) => readPositions(bytes, section, directory.count, entry.key),
      );
      positions.set(String(section.name), found);
      found.catch(() => positions.delete(String(section.name)));
    }
    return found;
  }

  async function readRange(entry: PackEntry, start: number, end: number): Promise<Uint8Array> {
    const { bytes } = await limit(() => store.get({ bucket, key: entry.key }, { start, end }));
    metrics.count('mosaicme_tile_reads_total', { source: 'store' });
    return bytes;
  }

  /** Reads some tiles of one pack into the cache. */
  async function readFromPack(
    pack: Pack,
    wanted: readonly { readonly id: string; readonly row: number }[],
    size: TileSize,
    found: Map<string, TileSegments>,
  ): Promise<void> {
    const section = pack.directory.segments[size];
    const positions = await positionsOf(pack, section);
    await Promise.all(
      mergeRows(
        wanted.map(({ row }) => row),
        positions,
      ).map(async ({ first, last }) => {
        const start = positions[first]!;
        const bytes = await readRange(
          pack.entry,
          section.start + start,
          section.start + positions[last + 1]!,
        );
        for (const { id, row } of wanted) {
          if (row < first || row > last) continue;
          // A copy, because a view would keep the whole range in memory.
          const own = bytes.slice(positions[row]! - start, positions[row + 1]! - start);
          const tile = decodeTileSegments(own);
          found.set(id, tile);
          cache.set(cacheKey(id, size), tile, own.length + tileOverheadBytes);
        }
      }),
    );
  }

  /** @returns Whether all could be read. */
  async function readSmall(
    ids: readonly string[],
    size: TileSize,
    found: Map<string, TileSegments>,
  ): Promise<boolean> {
    const byPack = new Map<Pack, { readonly id: string; readonly row: number }[]>();
    for (const id of ids) {
      const place = placeOf(id);
      if (!place) continue;
      const rows = byPack.get(place.pack) ?? [];
      rows.push({ id, row: place.row });
      byPack.set(place.pack, rows);
    }
    const outcomes = await Promise.all(
      [...byPack].map(async ([pack, wanted]) => {
        try {
          await readFromPack(pack, wanted, size, found);
          return undefined;
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          return { pack, wanted, error };
        }
      }),
    );
    const failed = outcomes.filter((outcome) => outcome !== undefined);
    for (const { pack, error } of failed) {
      const level = error instanceof ObjectNotFound ? 'info' : 'error';
      logger[level]({ pack: pack.entry.key, reason: messageOf(error) }, 'tiles cannot be read');
    }
    return failed.length === 0;
  }

  async function readLarge(
    ids: readonly string[],
    size: LargeTileSize,
    found: Map<string, TileSegments>,
  ): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        if (!placeOf(id) || !profile) return;
        try {
          const { bytes } = await limit(() => store.get({ bucket, key: largeTileKey(id, size) }));
          metrics.count('mosaicme_tile_reads_total', { source: 'store' });
          if (!sameProfile(readProfile(bytes), profile)) return;
          const tile = transcodeTile(bytes, profile);
          if (tile.size !== size) return;
          found.set(id, tile);
          cache.set(cacheKey(id, size), tile, tile.data.length + tileOverheadBytes);
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          // The tile at a smaller size does as well.
          if (error instanceof ObjectNotFound) return;
          logger.warn({ id, size, reason: messageOf(error) }, 'a large tile is not usable');
        }
      }),
    );
  }

  /** Reads what nobody reads yet, and waits for what somebody does. */
  async function fetchTiles(
    ids: readonly string[],
    size: DrawnSize,
    found: Map<string, TileSegments>,
  ): Promise<boolean> {
    const others = new Set(ids.map((id) => inFlight.get(cacheKey(id, size))));
    const own = ids.filter((id) => !inFlight.has(cacheKey(id, size)));
    const reading = isLarge(size)
      ? readLarge(own, size, found).then(() => true)
      : readSmall(own, size, found);
    for (const id of own) inFlight.set(cacheKey(id, size), reading);
    try {
      const isComplete = await reading;
      const results = await Promise.all(others);
      return isComplete && results.every((result) => result !== false);
    } finally {
      for (const id of own) inFlight.delete(cacheKey(id, size));
    }
  }

  async function read(ids: Iterable<string>, size: DrawnSize): Promise<TileBatch> {
    const unique = [...new Set(ids)];
    await findAll(unique);
    const found = new Map<string, TileSegments>();
    const lookUp = () =>
      unique.filter((id) => {
        if (found.has(id) || !placeOf(id)) return false;
        const tile = cache.get(cacheKey(id, size));
        if (tile) found.set(id, tile);
        return !tile;
      });
    const missing = lookUp();
    let isComplete = missing.length === 0 || (await fetchTiles(missing, size, found));
    if (!isComplete) {
      // A pack that is gone was merged into another: look once more where its tiles are now.
      etagOfCurrent = undefined;
      await refresh();
    }
    // What others read is in the cache, unless that is very small.
    const rest = missing.length === 0 ? [] : lookUp();
    if (rest.length > 0) {
      isComplete = isLarge(size)
        ? await readLarge(rest, size, found).then(() => true)
        : await readSmall(rest, size, found);
    }
    return { profile, isComplete, get: (id) => found.get(id) };
  }

  return {
    read,
    async credit(id) {
      await findAll([id]);
      const place = placeOf(id);
      if (!place) return undefined;
      const { entry, directory } = place.pack;
      const { credits } = directory;
      try {
        const positions = await positionsOf(place.pack, credits);
        const at = (row: number) => credits.start + positions[row]!;
        const bytes = await readRange(entry, at(place.row), at(place.row + 1));
        return JSON.parse(new TextDecoder().decode(bytes)) as TileCredit;
      } catch (error) {
        if (codeOf(error) === undefined || error instanceof PermanentError) {
          logger.warn({ pack: entry.key, id, reason: messageOf(error) }, 'a credit cannot be read');
          return undefined;
        }
        throw error;
      }
    },
  };
}

/** Rows in runs that are read in one request: those with little between them. */
function mergeRows(
  rows: readonly number[],
  positions: Uint32Array,
): { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const row of rows.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && positions[row]! - positions[run.last + 1]! <= maxGapBytes) run.last = row;
    else runs.push({ first: row, last: row });
  }
  return runs;
}
