import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from './disk';
import { readName, textOf } from './names';

export interface FoundKey {
  readonly key: string;
  readonly path: string;
}

interface Entry {
  /** The key's bytes up to here; those of a folder end in '/'. */
  readonly bytes: Buffer;
  readonly path: string;
  readonly isFolder: boolean;
}

export interface WalkOptions {
  readonly prefix: string;
  /** Only keys greater than this one. */
  readonly after: string;
}

const slash = Buffer.from('/');

/**
 * The keys under a folder in the order of their UTF-8 bytes. It holds the names of one folder at each
 * depth, never all keys, and does not enter folders that cannot hold a wanted key.
 */
export function walkKeys(bucketFolder: string, options: WalkOptions): AsyncGenerator<FoundKey> {
  const prefix = Buffer.from(options.prefix);
  const after = Buffer.from(options.after);
  return walkFolder(bucketFolder, Buffer.alloc(0), prefix, after);
}

async function* walkFolder(
  folder: string,
  begin: Buffer,
  prefix: Buffer,
  after: Buffer,
): AsyncGenerator<FoundKey> {
  const entries = await readEntries(folder, begin);
  entries.sort((one, other) => one.bytes.compare(other.bytes));
  for (const { bytes, path, isFolder } of entries) {
    if (isFolder) {
      if (mayHold(bytes, prefix, after)) yield* walkFolder(path, bytes, prefix, after);
    } else if (startsWith(bytes, prefix) && bytes.compare(after) > 0) {
      yield { key: textOf(bytes), path };
    }
  }
}

/** The entries of one level of keys: a part that was cut is put together again here. */
async function readEntries(folder: string, begin: Buffer): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const meaning = readName(name);
    if (meaning === undefined) continue;
    const path = join(folder, name);
    const bytes = Buffer.concat([begin, meaning.bytes]);
    if (meaning.kind === 'continuation') entries.push(...(await readEntries(path, bytes)));
    else if (meaning.kind === 'object') entries.push({ bytes, path, isFolder: false });
    else entries.push({ bytes: Buffer.concat([bytes, slash]), path, isFolder: true });
  }
  return entries;
}

/** Can a key that begins with `folder` begin with `prefix` and be greater than `after`? */
function mayHold(folder: Buffer, prefix: Buffer, after: Buffer): boolean {
  const fits = startsWith(folder, prefix) || startsWith(prefix, folder);
  return fits && (startsWith(after, folder) || folder.compare(after) > 0);
}

const startsWith = (bytes: Buffer, start: Buffer): boolean =>
  bytes.subarray(0, start.length).equals(start);
