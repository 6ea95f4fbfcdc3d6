import { codeOf, messageOf, PermanentError } from '@mosaicme/errors';
import { sameProfile } from '@mosaicme/jpeg';
import { defaultFeatureSpace, type FeatureSpace } from '@mosaicme/mosaic';
import { ObjectNotFound, type ObjectStore } from '@mosaicme/object-store';
import { noMetrics, type Logger, type Metrics } from '@mosaicme/service';
import type { PackEntry, TileSize } from '@mosaicme/tile-pack';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { openDiskCache, type DiskCache } from './disk-cache';
import { createFeaturePreparer } from './feature-preparer';
import { packFeatures } from './feature-space';
import { manifestKey } from './keys';
import { readManifest } from './manifest-store';
import { createPackReader } from './pack-reader';
import { createSectionStore } from './section-store';
import { createTileSet, type FeaturedPack, type TileSet } from './tile-set';

export interface TileLibraryOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Folder for local copies of the packs; without it they are in memory only. */
  readonly cacheFolder?: string;
  /** Bytes in the cache folder. */
  readonly cacheBytes?: number;
  /** Bytes of segments in memory. */
  readonly memoryBudgetBytes: number;
  readonly space?: FeatureSpace;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/**
 * The library as the readers see it. It is itself the set of tiles that the last `refresh` found; whoever
 * works with indexes across an `await` takes a `snapshot`, which a refresh elsewhere does not move.
 */
export interface TileLibrary extends TileSet {
  /**
   * Picks up what was added and removed since. Only new packs are read, and only their index parts. A
   * pack that is damaged in the store is reported and left out.
   *
   * @param maxAgeMs Milliseconds; does nothing when the last refresh began less than that ago. 0 unless
   *   given.
   * @returns Whether anything changed.
   */
  refresh(maxAgeMs?: number): Promise<boolean>;
  snapshot(): TileSet;
  close(): Promise<void>;
}

const defaultCacheBytes = 4_000_000_000;

/** In the cache folder. Old files are removed there, so it must be nobody else's. */
const ownFolder = 'tile-packs';

/** Packs read at a time. */
const packsAtOnce = 6;

/** Attempts of one `load` while packs leave under its feet. */
const maxLoads = 10;

/** The disk cache; none where its folder cannot be used, because without it things are only slower. */
async function openCache({
  cacheFolder,
  cacheBytes = defaultCacheBytes,
  logger,
}: TileLibraryOptions): Promise<DiskCache | undefined> {
  if (cacheFolder === undefined) return undefined;
  const folder = join(cacheFolder, ownFolder);
  try {
    return await openDiskCache(folder, cacheBytes);
  } catch (error) {
    logger.warn({ folder, reason: messageOf(error) }, 'works without the cache of tile packs');
    return undefined;
  }
}

/**
 * Opens the library and reads its index.
 * @throws PermanentError `manifest.damaged`, TransientError when the store does not answer.
 */
export async function openTileLibrary(options: TileLibraryOptions): Promise<TileLibrary> {
  const { store, bucket, logger, memoryBudgetBytes, space = defaultFeatureSpace } = options;
  const cache = await openCache(options);
  const { metrics = noMetrics } = options;
  const onRead = (source: string) => metrics.count('mosaicme_tile_reads_total', { source });
  const reader = createPackReader({ store, bucket, cache, logger, onRead });
  const sections = createSectionStore({
    reader,
    cache,
    memoryBudgetBytes,
    onHeld: () => onRead('memory'),
    onUnreadable(entry, error) {
      unreadable.add(entry.hash);
      // That a pack is gone is usual after a merge, and then the manifest does not list it any more.
      const level = error instanceof ObjectNotFound ? 'info' : 'error';
      logger[level]({ pack: entry.key, reason: messageOf(error) }, 'tile pack left out');
    },
  });

  let known = new Map<string, FeaturedPack>();
  /** Packs whose segments are damaged in the store itself, or gone: nothing brings these back. */
  const unreadable = new Set<string>();
  const prepare = createFeaturePreparer();
  let current = createTileSet(0, [], new Set(), space, sections, prepare);
  let etagOfCurrent: string | undefined;
  /** Packs of the manifest that `current` was made from. */
  let packsInSet = 0;
  let turn: Promise<unknown> = Promise.resolve();
  /** When the last refresh that succeeded began, by `performance.now()`. */
  let refreshedAt = -Infinity;

  const isReadable = ({ hash }: PackEntry) => !unreadable.has(hash);

  /** The index part of a pack, undefined when it cannot be used. */
  async function readPack(entry: PackEntry): Promise<FeaturedPack | undefined> {
    const before = known.get(entry.hash);
    if (before) return before;
    try {
      const index = await reader.index(entry);
      return { entry, index, features: packFeatures(index, space) };
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      logger.error({ pack: entry.key, reason: messageOf(error) }, 'tile pack left out');
      return undefined;
    }
  }

  async function refreshOlderThan(maxAgeMs: number): Promise<boolean> {
    const startedAt = performance.now();
    if (startedAt - refreshedAt < maxAgeMs) return false;
    const isChanged = await refreshNow();
    refreshedAt = startedAt;
    return isChanged;
  }

  async function refreshNow(): Promise<boolean> {
    const { manifest, etag } = await readManifest(store, bucket);
    const entries = manifest.packs.filter(isReadable);
    const isKnown = ({ hash }: PackEntry) => known.has(hash);
    if (etag === etagOfCurrent && entries.length === packsInSet && entries.every(isKnown))
      return false;

    const packs = (await pLimit(packsAtOnce).map(entries, readPack)).filter(
      (pack) => pack !== undefined,
    );
    if (packs.length < entries.length && (await wasReplaced(etag))) return refreshNow();
    // What was just replaced stays for one more round, because pictures may be in the making.
    await sections.retain(new Set([...entries.map(({ hash }) => hash), ...known.keys()]));
    known = new Map(packs.map((pack) => [pack.entry.hash, pack]));
    etagOfCurrent = etag;
    packsInSet = entries.length;
    const before = current;
    current = createTileSet(
      manifest.revision,
      withOneProfile(packs, logger),
      new Set(manifest.removed),
      space,
      sections,
      prepare,
    );
    logger.debug({ tiles: current.size, packs: packs.length }, 'tile library read');
    return current.revision !== before.revision || current.size !== before.size;
  }

  /** Packs that are gone may have been merged while they were read; then the manifest is another. */
  async function wasReplaced(etag: string | undefined): Promise<boolean> {
    return (await store.head({ bucket, key: manifestKey }))?.etag !== etag;
  }

  /** One refresh after the other, so that each sees what was written before it was asked for. */
  function refresh(maxAgeMs = 0): Promise<boolean> {
    const next = turn.then(() => refreshOlderThan(maxAgeMs));
    turn = next.catch(() => undefined);
    return next;
  }

  /** Loads a size; packs that turn out to be merged or damaged leave the set, the rest is loaded. */
  async function load(size: TileSize): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await current.load(size);
      } catch (error) {
        if (codeOf(error) !== 'tiles.pack-gone' || attempt === maxLoads) throw error;
        await refresh();
      }
    }
  }

  await refresh();
  return {
    get revision() {
      return current.revision;
    },
    get size() {
      return current.size;
    },
    get ids() {
      return current.ids;
    },
    get scenes() {
      return current.scenes;
    },
    get features() {
      return current.features;
    },
    get prepared() {
      return current.prepared;
    },
    indexOf: (id) => current.indexOf(id),
    credit: (id) => current.credit(id),
    load,
    profile: (size) => current.profile(size),
    segments: (index, size) => current.segments(index, size),
    refresh,
    snapshot: () => current,
    async close() {
      await turn;
    },
  };
}

/** Only segments with the same JPEG tables can stand in one picture: the first pack decides. */
function withOneProfile(packs: readonly FeaturedPack[], logger: Logger): FeaturedPack[] {
  return packs.filter(({ entry, index }) => {
    const fits = sameProfile(index.profile, packs[0]!.index.profile);
    if (!fits) {
      logger.error(
        { pack: entry.key },
        'tile pack left out: it has other JPEG tables than the first; build it anew from the raw photos',
      );
    }
    return fits;
  });
}
