import { defaultCampaign } from '@mosaicme/contracts';
import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import {
  createTileAppender,
  libraryNames,
  libraryStore,
  removeOrphanPacks,
  type TileAppender,
} from '@mosaicme/tile-library';

/** What the janitor does with the tile libraries: it asks and takes out, and never adds any tile. */
export interface Tiles {
  /** Is this photo in a library, or was it removed from it? As far as was read. */
  has(id: string, library: string): boolean;
  /** Is it in any library, or was it removed from one? */
  hasAnywhere(id: string): boolean;
  /** Reads what the libraries gained and lost, and which there are. */
  refresh(): Promise<void>;
  /**
   * Takes photos out of all libraries for ever, also out of those that do not have them yet, and erases
   * their tiles from the store. Repeating it is harmless, and needed when it fails.
   */
  remove(ids: readonly string[]): Promise<void>;
  /** Removes packs that no manifest lists; see `removeOrphanPacks`. */
  sweep(before: Date): Promise<number>;
  close(): Promise<void>;
}

/** Opens the tile libraries of an installation and reads which photos they have. */
export async function openTiles({
  store,
  bucket,
  logger,
}: {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly logger: Logger;
}): Promise<Tiles> {
  // It adds nothing, so how it would pack tiles and what it would take for the same does not matter.
  const adding = { maxWaitMs: 0, nearDuplicateBits: 0 };
  const open = new Map<string, TileAppender>();

  const refresh = async (): Promise<void> => {
    for (const name of new Set([defaultCampaign, ...(await libraryNames(store, bucket))])) {
      const library = open.get(name);
      if (library) await library.refresh();
      else {
        const below = libraryStore(store, bucket, name);
        open.set(name, await createTileAppender({ store: below, bucket, logger, ...adding }));
      }
    }
  };

  await refresh();
  return {
    has: (id, library) => open.get(library)?.has(id) ?? false,
    hasAnywhere: (id) => [...open.values()].some((library) => library.has(id)),
    refresh,
    async remove(ids) {
      await refresh();
      for (const library of open.values()) await library.remove(ids);
    },
    async sweep(before) {
      let count = 0;
      for (const name of open.keys()) {
        count += await removeOrphanPacks(libraryStore(store, bucket, name), bucket, before);
      }
      return count;
    },
    async close() {
      for (const library of open.values()) await library.close();
    },
  };
}
