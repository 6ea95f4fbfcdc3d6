import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A bounded folder of files that can all be fetched again. Names are plain file names. */
export interface DiskCache {
  /** Where a file of that name lies or would lie. */
  path(name: string): string;
  /** The names of all files. */
  names(): string[];
  /** Is it there, as far as this process knows? */
  has(name: string): boolean;
  read(name: string): Promise<Uint8Array | undefined>;
  /** Stores a file; the files that were used longest ago make room for it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** False after a write that failed, until one goes well: the disk is full, or gone. */
  isWritable(): boolean;
}

/** Marks files that are not whole yet. */
const partial = '.partial-';

/**
 * Opens the cache in a folder, which is made when it is missing. A file appears whole or not at all;
 * what a crash left behind is removed.
 *
 * @param maxBytes All files together. A file larger than that is not kept.
 */
export async function openDiskCache(folder: string, maxBytes: number): Promise<DiskCache> {
  await mkdir(folder, { recursive: true });
  // The order of a Map is the order in which its entries were put in: the oldest use comes first.
  const sizes = new Map<string, number>();
  let total = 0;
  let isWritable = true;

  const path = (name: string) => join(folder, name);

  async function remove(name: string): Promise<void> {
    total -= sizes.get(name) ?? 0;
    sizes.delete(name);
    await rm(path(name), { force: true });
  }

  async function makeRoom(bytes: number): Promise<void> {
    for (const name of sizes.keys()) {
      if (total + bytes <= maxBytes) return;
      await remove(name);
    }
  }

  for (const { name, size } of await filesByAge(folder)) {
    if (name.includes(partial)) {
      await rm(path(name), { force: true });
    } else {
      sizes.set(name, size);
      total += size;
    }
  }
  await makeRoom(0);

  return {
    path,
    names: () => [...sizes.keys()],
    has: (name) => sizes.has(name),
    remove,
    isWritable: () => isWritable,
    async read(name) {
      const size = sizes.get(name);
      if (size === undefined) return undefined;
      sizes.delete(name);
      sizes.set(name, size);
      try {
        return await readFile(path(name));
      } catch {
        // Somebody tidied up: it is only a cache.
        await remove(name);
        return undefined;
      }
    },
    async write(name, bytes) {
      if (bytes.length > maxBytes) return;
      try {
        await remove(name);
        await makeRoom(bytes.length);
        await writeWhole(path(name), bytes);
        isWritable = true;
      } catch (error) {
        isWritable = false;
        throw error;
      }
      total += bytes.length - (sizes.get(name) ?? 0);
      sizes.set(name, bytes.length);
    },
  };
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}${partial}${randomUUID()}`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    // A full disk would keep the half file, and be full for longer.
    await rm(temporary, { force: true });
    throw error;
  }
}

async function filesByAge(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: { name: string; size: number; mtimeMs: number }[] = [];
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    // Another process may share the folder and have removed it just now.
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found) files.push({ name, size: found.size, mtimeMs: found.mtimeMs });
  }
  return files.sort((a, b) => a.mtimeMs - b.mtimeMs);
}
