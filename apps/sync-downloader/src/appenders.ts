import type { ObjectStore } from '@mosaicme/object-store';
import {
  createTileAppender,
  libraryStore,
  type TileAppender,
  type TileAppenderOptions,
} from '@mosaicme/tile-library';

/** The appenders of tile libraries, made when a photo for one comes. */
export interface Appenders {
  /** @param library Name of the library. */
  get(library: string): Promise<TileAppender>;
  /** Writes what waits, in all libraries. */
  close(): Promise<void>;
}

/** Makes none yet. */
export function createAppenders(
  store: ObjectStore,
  options: Omit<TileAppenderOptions, 'store'>,
): Appenders {
  const made = new Map<string, Promise<TileAppender>>();
  return {
    get(library) {
      let appender = made.get(library);
      if (!appender) {
        const below = libraryStore(store, options.bucket, library);
        appender = createTileAppender({ ...options, store: below });
        made.set(library, appender);
        // A failed start must not be remembered.
        appender.catch(() => made.delete(library));
      }
      return appender;
    },
    async close() {
      await Promise.all([...made.values()].map(async (appender) => (await appender).close()));
    },
  };
}
