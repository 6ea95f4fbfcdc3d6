import { codeOf, messageOf } from '@mosaicme/errors';
import type { SceneHashes } from '@mosaicme/imaging';
import { ObjectNotFound } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import { subCellsPerSide, type Manifest, type PackEntry } from '@mosaicme/tile-pack';
import pLimit from 'p-limit';
import { createNearDuplicateIndex, likenessOf, type Likeness } from './near-duplicates';
import type { PackReader } from './pack-reader';
import { createSceneIndex } from './scene-index';

/** Packs read at a time. */
const packsAtOnce = 6;

const cellBytes = subCellsPerSide ** 2 * 3;

/** What an appender knows of the library: which photos it has, and what they look like. */
export interface KnownTiles {
  /** Learns what a newer manifest adds and removes. Only packs that are new are read. */
  follow(manifest: Manifest): Promise<void>;
  /** Why a photo is not to be added, undefined when it is. */
  judge(candidate: {
    readonly tile: { readonly id: string };
    readonly likeness: Likeness;
  }): 'duplicate' | 'near-duplicate' | 'removed' | undefined;
  /** The scene that a photo shows when the library has another photo of it. */
  sceneOf(hashes: SceneHashes): number | undefined;
  /** Is it in the library, or was it removed? */
  has(id: string): boolean;
  /** Hashes of the packs that hold these photos. */
  packsWith(photos: readonly string[]): ReadonlySet<string>;
}

export function createKnownTiles(options: {
  readonly reader: PackReader;
  readonly nearDuplicateBits: number;
  readonly logger: Logger;
}): KnownTiles {
  const { reader, nearDuplicateBits, logger } = options;
  /** Which pack each photo is in, as far as was read; photos whose pack is gone stay known. */
  const packOf = new Map<string, string>();
  const looks = createNearDuplicateIndex(nearDuplicateBits);
  const looksOfScenes = createSceneIndex();
  let removed: ReadonlySet<string> = new Set();
  let packs: ReadonlySet<string> = new Set();

  async function learn(entry: PackEntry): Promise<string | undefined> {
    try {
      const { hashes, subCells, ids: own, scenes, sceneHashes } = await reader.index(entry);
      const parts = own.length === 0 ? 0 : sceneHashes.length / own.length;
      own.forEach((id, row) => {
        const isNew = !packOf.has(id);
        packOf.set(id, entry.hash);
        // A merged pack brings tiles that are known from the packs before it.
        if (!isNew) return;
        const cells = subCells.subarray(row * cellBytes, (row + 1) * cellBytes);
        looks.add(id, likenessOf(hashes[row]!, cells));
        looksOfScenes.add(scenes[row]!, sceneHashes.subarray(row * parts, (row + 1) * parts));
      });
      return entry.hash;
    } catch (error) {
      const gone = error instanceof ObjectNotFound || codeOf(error) === 'pack.damaged';
      if (!gone) throw error;
      logger.error({ pack: entry.key, reason: messageOf(error) }, 'tile pack left out');
      return undefined;
    }
  }

  return {
    async follow(manifest) {
      const fresh = manifest.packs.filter(({ hash }) => !packs.has(hash));
      const learned = new Set(await pLimit(packsAtOnce).map(fresh, learn));
      packs = new Set(
        manifest.packs
          .map(({ hash }) => hash)
          .filter((hash) => packs.has(hash) || learned.has(hash)),
      );
      removed = new Set(manifest.removed);
    },
    judge({ tile: { id }, likeness }) {
      if (removed.has(id)) return 'removed';
      if (packOf.has(id)) return 'duplicate';
      const twin = looks.find(likeness, (other) => !removed.has(other));
      return twin === undefined ? undefined : 'near-duplicate';
    },
    sceneOf: (hashes) => looksOfScenes.find(hashes),
    has: (id) => packOf.has(id) || removed.has(id),
    packsWith: (photos) =>
      new Set(photos.map((id) => packOf.get(id)).filter((hash) => hash !== undefined)),
  };
}
