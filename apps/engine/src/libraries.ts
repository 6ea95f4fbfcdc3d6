import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger, Metrics } from '@mosaicme/service';
import { libraryStore, openTileLibrary, type TileLibrary } from '@mosaicme/tile-library';
import { join } from 'node:path';

export interface LibrariesOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Bytes of segments in memory, for all libraries together. */
  readonly memoryBudgetBytes: number;
  /** Libraries that are expected; each gets an equal share of the memory. */
  readonly expected: number;
  readonly cacheFolder?: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The tile libraries of an engine, opened when they are first asked for. */
export interface Libraries {
  /** @param name As `libraryOf` gives it. */
  get(name: string): Promise<TileLibrary>;
  /** Tiles of all libraries that are open. */
  size(): number;
  close(): Promise<void>;
}

/** A library with less memory than this would read its packs again for every mosaic. */
const leastBudgetBytes = 16_000_000;

/** Opens nothing yet. */
export function createLibraries(options: LibrariesOptions): Libraries {
  const { store, bucket, cacheFolder, logger, metrics } = options;
  const share = Math.max(
    leastBudgetBytes,
    Math.floor(options.memoryBudgetBytes / Math.max(1, options.expected)),
  );
  const open = new Map<string, Promise<TileLibrary>>();
  const opened: TileLibrary[] = [];

  const openOne = async (name: string): Promise<TileLibrary> => {
    const library = await openTileLibrary({
      store: libraryStore(store, bucket, name),
      bucket,
      memoryBudgetBytes: share,
      ...(cacheFolder !== undefined && { cacheFolder: join(cacheFolder, name) }),
      logger,
      metrics,
    });
    opened.push(library);
    return library;
  };

  return {
    get(name) {
      let library = open.get(name);
      if (!library) {
        library = openOne(name);
        open.set(name, library);
        // A failed opening must not be remembered.
        library.catch(() => open.delete(name));
      }
      return library;
    },
    size: () => opened.reduce((sum, { size }) => sum + size, 0),
    close: async () => {
      await Promise.all(opened.map((library) => library.close()));
    },
  };
}
