import { open, mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PermanentError, TransientError } from '@mosaicme/errors';

/** The code of a system error (`ENOENT`), undefined for any other. */
export function systemCode(error: unknown): string | undefined {
  // No `instanceof Error`: errors of Node itself are of another realm where tests run in a sandbox.
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error
    ? String(error.code)
    : undefined;
}

/** The outcome of `operation`, undefined when its file or folder is not there. */
export async function unlessMissing<Result>(
  operation: Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Turns errors of the disk into ours, naming the folder; others pass. */
export function diskError(root: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return new PermanentError(
      'object-store.denied',
      `The folder '${root}' cannot be used (${code}). Give this user the right to read and write it.`,
      { cause: error },
    );
  }
  return new TransientError(
    'object-store.unavailable',
    code === 'ENOSPC'
      ? `The disk of the folder '${root}' is full. Free some space.`
      : `The folder '${root}' does not work (${code}).`,
    { cause: error },
  );
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some systems do not sync folders; they keep names durable by themselves.
    if (!['EPERM', 'EINVAL', 'EISDIR', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it, durably. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** Removes `path` and the folders above it, up to `stop` exclusive, as long as they are empty. */
export async function removeEmptyFolders(path: string, stop: string): Promise<void> {
  for (let folder = path; folder !== stop; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(code)) return;
      throw error;
    }
  }
}
