import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An object store in a new folder, with the bucket for tiles in it. */
export async function temporaryStore() {
  const root = await mkdtemp(join(tmpdir(), 'mosaicme-tiles-'));
  const store = createFolderStore({ root: join(root, 'store') });
  await store.ensureBucket(bucket);
  return {
    store,
    cacheFolder: join(root, 'cache'),
    async remove() {
      await store.close();
      await rm(root, { recursive: true });
    },
  };
}

export const bucket = 'mosaic-tiles';

/** A store that writes down what is asked of it, as `get <key>`, `put <key>`, `delete <key>`. */
export function recording(store: ObjectStore): { store: ObjectStore; calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    store: {
      ...store,
      async get(ref, range) {
        calls.push(`get ${ref.key}`);
        return store.get(ref, range);
      },
      async put(ref, body, options) {
        const result = await store.put(ref, body, options);
        calls.push(`put ${ref.key}`);
        return result;
      },
      async delete(ref) {
        await store.delete(ref);
        calls.push(`delete ${ref.key}`);
      },
    },
  };
}

/** A logger that keeps the messages of warnings and errors. */
export function listeningLogger(): { logger: Logger; heard: string[] } {
  const heard: string[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (_fields, message) => heard.push(message),
    error: (_fields, message) => heard.push(message),
    child: () => logger,
  };
  return { logger, heard };
}
