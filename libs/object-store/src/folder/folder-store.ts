import type { ObjectRef } from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { constants } from 'node:fs';
import { copyFile, link, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import pLimit from 'p-limit';
import { watchBody } from '../body';
import {
  ObjectNotFound,
  ObjectsNotDeleted,
  PreconditionFailed,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '../port';
import { checkBucket, checkRange, checkRef, noSuchBucket } from '../refs';
import {
  diskError,
  makeFolder,
  removeEmptyFolders,
  syncFolder,
  systemCode,
  unlessMissing,
} from './disk';
import { withLock } from './key-lock';
import { keyToNames } from './names';
import {
  finishCopy,
  readAt,
  readFacts,
  readPieces,
  writeObjectFile,
  type FileFacts,
} from './object-file';
import { removeLeftovers, temporaryName } from './temporary';
import { walkKeys } from './walk';

export interface FolderStoreOptions {
  /** The folder; made when it is not there. It must be on one file system that has hard links. */
  readonly root: string;
}

/** Times that a write makes its folder again when a delete beside it removed the empty folder. */
const placeAttempts = 20;

/** Files that `deleteMany` removes at a time. */
const deletesAtOnce = 16;

/**
 * An object store in a folder: one file for each object, with its etag and type behind its bytes.
 *
 * Several processes of one machine may use one folder. `only: { absent }` is exact between all of them,
 * `only: { etag }` between all calls of one process.
 */
export function createFolderStore({ root: givenRoot }: FolderStoreOptions): ObjectStore {
  const root = resolve(givenRoot);
  // No bucket begins with a dot, so this name is free.
  const temporaryFolder = join(root, '.temporary');
  let started: Promise<void> | undefined;

  const bucketFolder = (bucket: string): string => join(root, bucket);
  const pathOf = ({ bucket, key }: ObjectRef): string =>
    join(bucketFolder(bucket), ...keyToNames(key));

  async function start(): Promise<void> {
    await makeFolder(temporaryFolder);
    await removeLeftovers(temporaryFolder);
  }

  /** Starts the store once, then runs `task`; errors of the disk come out as ours. */
  async function run<Result>(task: () => Promise<Result>): Promise<Result> {
    try {
      started ??= start();
      await started.catch((error: unknown) => {
        started = undefined;
        throw error;
      });
      return await task();
    } catch (error) {
      throw diskError(root, error);
    }
  }

  async function requireBucket(bucket: string): Promise<void> {
    if ((await unlessMissing(stat(bucketFolder(bucket)))) === undefined) throw noSuchBucket(bucket);
  }

  /** Runs `fill` on the path of a new temporary file, which is gone afterwards in any case. */
  async function withTemporary<Result>(fill: (path: string) => Promise<Result>): Promise<Result> {
    const path = join(temporaryFolder, temporaryName());
    try {
      return await fill(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Moves a finished temporary file to its place, where `only` holds. */
  async function place(temporary: string, ref: ObjectRef, only: PutOptions['only']): Promise<void> {
    const path = pathOf(ref);
    await withLock(path, async () => {
      if (only !== undefined && 'etag' in only) {
        const facts = await factsOf(path);
        if (facts?.etag !== only.etag) throw new PreconditionFailed(ref);
      }
      // A hard link is made only where no file is: exact between processes too.
      const move = only !== undefined && 'absent' in only ? link : rename;
      for (let attempt = 1; ; attempt += 1) {
        try {
          await makeFolder(dirname(path));
          await move(temporary, path);
          break;
        } catch (error) {
          const code = systemCode(error);
          if (code === 'EEXIST') throw new PreconditionFailed(ref, { cause: error });
          if (code !== 'ENOENT' || attempt === placeAttempts) throw error;
        }
      }
      await unlessMissing(syncFolder(dirname(path)));
    });
  }

  async function factsOf(path: string): Promise<FileFacts | undefined> {
    const handle = await unlessMissing(open(path, 'r'));
    if (handle === undefined) return undefined;
    try {
      return await readFacts(handle, path);
    } finally {
      await handle.close();
    }
  }

  async function openObject(ref: ObjectRef) {
    checkRef(ref);
    const path = pathOf(ref);
    const handle = await unlessMissing(open(path, 'r'));
    if (handle === undefined) {
      await requireBucket(ref.bucket);
      throw new ObjectNotFound(ref);
    }
    try {
      return { handle, facts: await readFacts(handle, path) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function putPieces(
    ref: ObjectRef,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<{ readonly etag: string }> {
    checkRef(ref);
    await requireBucket(ref.bucket);
    return withTemporary(async (temporary) => {
      const { etag } = await writeObjectFile(temporary, body, options);
      await place(temporary, ref, options.only);
      return { etag };
    });
  }

  const remove = (ref: ObjectRef): Promise<void> =>
    run(async () => {
      checkRef(ref);
      await requireBucket(ref.bucket);
      const path = pathOf(ref);
      await withLock(path, async () => {
        const removed = await unlessMissing(unlink(path).then(() => true));
        if (!removed) return;
        // Another delete may have removed the empty folder meanwhile.
        await unlessMissing(syncFolder(dirname(path)));
        await removeEmptyFolders(dirname(path), bucketFolder(ref.bucket));
      });
    });

  return {
    put: (ref, body, options = {}) => run(() => putPieces(ref, [body], options)),

    putStream: (ref, body, options = {}) => {
      const watched = watchBody(body);
      return run(() => putPieces(ref, watched.body, options)).catch(watched.rethrow);
    },

    get: (ref, range) =>
      run(async () => {
        if (range) checkRange(range);
        const { handle, facts } = await openObject(ref);
        try {
          const bytes = await readAt(
            handle,
            range?.start ?? 0,
            Math.min(range?.end ?? facts.size, facts.size),
          );
          return { ...infoOf(ref, facts), contentType: facts.contentType, bytes };
        } finally {
          await handle.close();
        }
      }),

    stream: (ref) =>
      run(async () => {
        const { handle, facts } = await openObject(ref);
        async function* body(): AsyncGenerator<Uint8Array> {
          try {
            yield* readPieces(handle, facts.size);
          } catch (error) {
            throw diskError(root, error);
          } finally {
            await handle.close();
          }
        }
        return { ...infoOf(ref, facts), contentType: facts.contentType, body: body() };
      }),

    head: (ref) =>
      run(async () => {
        checkRef(ref);
        const facts = await factsOf(pathOf(ref));
        return facts && infoOf(ref, facts);
      }),

    async *list(bucket, { prefix = '', after = '' } = {}) {
      checkBucket(bucket);
      await run(() => requireBucket(bucket));
      try {
        for await (const { key, path } of walkKeys(bucketFolder(bucket), { prefix, after })) {
          const facts = await factsOf(path);
          if (facts) yield infoOf({ bucket, key }, facts);
        }
      } catch (error) {
        throw diskError(root, error);
      }
    },

    copy: (from, to, options = {}) =>
      run(async () => {
        checkRef(from);
        checkRef(to);
        await requireBucket(from.bucket);
        await requireBucket(to.bucket);
        await withTemporary(async (temporary) => {
          const copied = await unlessMissing(
            copyFile(pathOf(from), temporary, constants.COPYFILE_FICLONE).then(() => true),
          );
          if (!copied) throw new ObjectNotFound(from);
          await finishCopy(temporary, options);
          await place(temporary, to, undefined);
        });
      }),

    delete: remove,

    deleteMany: async (refs) => {
      const left: { ref: ObjectRef; reason: string }[] = [];
      const limit = pLimit(deletesAtOnce);
      await limit.map([...refs], (ref) =>
        remove(ref).catch((error: unknown) => {
          // The name of a bucket or of a key is wrong: nothing that time would mend.
          if (isPermanent(error)) throw error;
          left.push({ ref, reason: messageOf(error) });
        }),
      );
      if (left.length > 0) throw new ObjectsNotDeleted(left);
    },

    ensureBucket: (bucket) =>
      run(async () => {
        checkBucket(bucket);
        await makeFolder(bucketFolder(bucket));
      }),

    ping: () =>
      run(async () => {
        await readdir(root);
      }),

    close: async () => {},
  };
}

function infoOf(ref: ObjectRef, facts: FileFacts): ObjectInfo {
  return {
    bucket: ref.bucket,
    key: ref.key,
    size: facts.size,
    etag: facts.etag,
    lastModified: facts.lastModified,
  };
}
