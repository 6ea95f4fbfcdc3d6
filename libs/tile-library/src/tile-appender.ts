import { messageOf, TransientError } from '@mosaicme/errors';
import type { SceneHashes, TileImages } from '@mosaicme/imaging';
import { sameProfile } from '@mosaicme/jpeg';
import { defaultFeatureSpace, type FeatureSpace } from '@mosaicme/mosaic';
import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import {
  addPack,
  largeTileSizes,
  removeTiles,
  type Manifest,
  type PackEntry,
  type PackTile,
} from '@mosaicme/tile-pack';
import { eraseRemoved, mergeSmallPacks } from './compaction';
import { spaceName } from './feature-space';
import { largeTileKey } from './keys';
import { createKnownTiles } from './known-tiles';
import { readManifest, updateManifest } from './manifest-store';
import { likenessOf, looksTheSame, type Likeness } from './near-duplicates';
import { createPackReader } from './pack-reader';
import { writePack } from './pack-writer';
import { createSceneIndex } from './scene-index';
import { createTilePreparer, type PreparedTile, type TilePhoto } from './prepare-tile';

export interface TileAppenderOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Tiles in a full pack. */
  readonly packSize?: number;
  /** How long the first tile of a pack waits for others. */
  readonly maxWaitMs: number;
  /** Photos whose hashes differ in at most that many of 64 bits are one and the same; 0 to 32. */
  readonly nearDuplicateBits: number;
  readonly space?: FeatureSpace;
  readonly logger: Logger;
}

/** What became of a photo. `removed`: it was removed before, and stays so. */
export type AddOutcome = 'added' | 'duplicate' | 'near-duplicate' | 'removed';

/**
 * Adds tiles to the library. Any number of appenders may work on one library at the same time: nothing is
 * lost, and no photo gets in twice. The store must honour conditional writes.
 */
export interface TileAppender {
  /**
   * Adds a photo. Resolves once its pack and the manifest that lists it are stored, so that a message can
   * be acknowledged then; repeating it is harmless.
   *
   * @throws PermanentError `jpeg.*`; TransientError when the store fails, then nothing was added.
   */
  add(photo: TilePhoto, images: TileImages): Promise<AddOutcome>;
  /** Is the photo in the library, or was it removed from it? As far as this appender has read. */
  has(id: string): boolean;
  /** Learns what other appenders added and removed. */
  refresh(): Promise<void>;
  /** Writes what waits now. */
  flush(): Promise<void>;
  /**
   * Takes photos out of the library for ever, and erases their tiles from the store. Readers follow with
   * their next refresh. Repeating it is harmless, and needed when it fails.
   */
  remove(ids: readonly string[]): Promise<void>;
  /** Writes what waits, then ends. */
  close(): Promise<void>;
}

/** A tile that waits for its pack. */
interface Waiting extends PreparedTile {
  readonly scene: SceneHashes;
  readonly likeness: Likeness;
  readonly outcome: Promise<AddOutcome>;
  readonly settle: (outcome: AddOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Opens an appender and reads the index of the library.
 * @throws PermanentError `manifest.damaged`, TransientError when the store does not answer.
 */
export async function createTileAppender(options: TileAppenderOptions): Promise<TileAppender> {
  const { store, bucket, packSize = 256, maxWaitMs, nearDuplicateBits, logger } = options;
  const { space = defaultFeatureSpace } = options;
  const compaction = { store, bucket, space, logger };
  const prepareTile = createTilePreparer(space);
  const reader = createPackReader({ store, bucket, logger });
  const known = createKnownTiles({ reader, nearDuplicateBits, logger });
  /** Tiles that are not listed yet, by id: those that wait, then those being written. */
  const waiting = new Map<string, Waiting>();
  let batch: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let closed = false;

  /** Hands the waiting tiles over to be written, after those before them. */
  function writeBatch(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const tiles = batch;
    batch = [];
    if (tiles.length > 0) turn = turn.then(() => write(tiles)).then(compact);
    return turn;
  }

  async function write(tiles: readonly Waiting[]): Promise<void> {
    try {
      for (const group of byProfile(tiles)) await commit(group);
    } catch (error) {
      logger.warn({ tiles: tiles.length, reason: messageOf(error) }, 'tiles not added');
      for (const { fail } of tiles) fail(error);
    } finally {
      for (const { tile } of tiles) waiting.delete(tile.id);
    }
  }

  /** Writes a pack, then the manifest that lists it; again without those that somebody else added. */
  async function commit(group: readonly Waiting[]): Promise<void> {
    const outcomes = new Map<Waiting, AddOutcome>();
    let written: PackEntry | undefined;
    const listed = await updateManifest(store, bucket, async (manifest) => {
      // The answer to an earlier attempt may have been lost although it succeeded.
      if (written && lists(manifest, written)) return manifest;
      await known.follow(manifest);
      for (const candidate of group) outcomes.set(candidate, known.judge(candidate) ?? 'added');
      const tiles = group.filter((candidate) => outcomes.get(candidate) === 'added');
      written = undefined;
      if (tiles.length === 0) return manifest;
      written = await writePack(store, bucket, {
        profile: tiles[0]!.profile,
        featureSpace: spaceName(space),
        tiles: withScenes(tiles),
      });
      return addPack(manifest, written);
    });
    await known.follow(listed);
    const added = group.filter((candidate) => outcomes.get(candidate) === 'added');
    if (added.length > 0) {
      logger.info({ tiles: added.length, revision: listed.revision }, 'tile pack added');
    }
    for (const candidate of group) candidate.settle(outcomes.get(candidate) ?? 'added');
  }

  /** The tiles, each with the number of its scene: that of a photo before it, or its own. */
  function withScenes(tiles: readonly Waiting[]): PackTile[] {
    const amongThem = createSceneIndex();
    return tiles.map(({ tile, scene: hashes }) => {
      const scene = known.sceneOf(hashes) ?? amongThem.find(hashes) ?? tile.scene;
      amongThem.add(scene, tile.sceneHashes);
      return { ...tile, scene };
    });
  }

  /** Tidying is not part of adding: when it fails, the next pack tries it again. */
  async function compact(): Promise<void> {
    try {
      await mergeSmallPacks({ ...compaction, packSize });
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'small tile packs not merged');
    }
  }

  /** A waiting tile that looks the same. */
  function twinOf(likeness: Likeness): Waiting | undefined {
    for (const other of waiting.values()) {
      if (looksTheSame(other.likeness, likeness, nearDuplicateBits)) return other;
    }
    return undefined;
  }

  function enqueue(
    prepared: PreparedTile,
    { likeness, scene }: Pick<Waiting, 'likeness' | 'scene'>,
  ): Promise<AddOutcome> {
    let settle!: Waiting['settle'];
    let fail!: Waiting['fail'];
    const outcome = new Promise<AddOutcome>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    const entry: Waiting = { ...prepared, likeness, scene, outcome, settle, fail };
    waiting.set(prepared.tile.id, entry);
    batch.push(entry);
    if (batch.length >= packSize) void writeBatch();
    else timer ??= setTimeout(() => void writeBatch(), maxWaitMs);
    return outcome;
  }

  async function follow(): Promise<void> {
    await known.follow((await readManifest(store, bucket)).manifest);
  }

  await follow();
  return {
    async add(photo, images) {
      if (closed) {
        throw new TransientError('tiles.appender-closed', 'The tile appender is closed already.');
      }
      const likeness = likenessOf(images.hash, images.subCells[8].data);
      const verdict = known.judge({ tile: photo, likeness });
      if (verdict) return verdict;
      // The outcome of the other one is awaited: when it is not stored after all, this one is not done.
      const same = waiting.get(photo.id);
      if (same) return (await same.outcome) === 'added' ? 'duplicate' : same.outcome;
      const twin = twinOf(likeness);
      if (twin) {
        await twin.outcome;
        return 'near-duplicate';
      }
      return enqueue(prepareTile(photo, images), { likeness, scene: images.scene });
    },
    has: (id) => known.has(id),
    refresh: follow,
    flush: writeBatch,
    async remove(ids) {
      await known.follow(
        await updateManifest(store, bucket, (current) => removeTiles(current, ids)),
      );
      const large = ids.flatMap((id) =>
        largeTileSizes.map((size) => ({ bucket, key: largeTileKey(id, size) })),
      );
      const erased = turn
        .then(() => eraseRemoved(compaction, known.packsWith(ids)))
        .then(() => store.deleteMany(large))
        .then(follow);
      turn = erased.catch(() => undefined);
      await erased;
    },
    async close() {
      closed = true;
      await writeBatch();
    },
  };
}

const lists = (manifest: Manifest, entry: PackEntry): boolean =>
  manifest.packs.some(({ hash }) => hash === entry.hash);

/** Tiles that can stand in one pack; usually all of them. */
function byProfile(tiles: readonly Waiting[]): Waiting[][] {
  const groups: Waiting[][] = [];
  for (const tile of tiles) {
    const group = groups.find(([first]) => first && sameProfile(first.profile, tile.profile));
    if (group) group.push(tile);
    else groups.push([tile]);
  }
  return groups;
}
