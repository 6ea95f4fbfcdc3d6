import { messageOf } from '@mosaicme/errors';
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ListedFile {
  /** Path relative to the folder, with slashes on every system. */
  readonly file: string;
  readonly path: string;
  readonly info: Stats;
}

export interface SkippedFile {
  readonly file: string;
  /** A whole sentence without the full stop: the cause, and the way out where there is one. */
  readonly reason: string;
}

export interface FolderListing {
  /** In the order of their names. */
  readonly files: readonly ListedFile[];
  /** Links and folders that cannot be followed. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Lists the files below a folder, whatever they are. Hidden ones (with a dot in front) are left out.
 *
 * Links are followed, and each file and folder is listed once however many links lead to it; where it
 * lies in the folder itself, under its own name. A link to a folder that contains it is a circle: it is
 * named and not followed.
 *
 * @throws The error of the system when the folder itself cannot be read.
 */
export async function listFiles(folder: string): Promise<FolderListing> {
  const files: ListedFile[] = [];
  const skipped: SkippedFile[] = [];
  const seen = new Set<string>();
  const links: Place[] = [];

  async function walk(place: Place, info: Stats): Promise<void> {
    seen.add(identityOf(info));
    const within = [...place.within, identityOf(info)];
    const entries = await readdir(place.path, { withFileTypes: true });
    const inner = entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => ({ entry, place: placeIn(place, entry, within) }));
    links.push(...inner.filter(({ entry }) => entry.isSymbolicLink()).map(({ place }) => place));
    await Promise.all(
      inner.filter(({ entry }) => entry.isFile()).map(({ place }) => attempt(place, addFile)),
    );
    for (const { place } of inner.filter(({ entry }) => entry.isDirectory())) {
      await attempt(place, walk);
    }
  }

  function addFile({ file, path, linked }: Place, info: Stats): void {
    if (linked && seen.has(identityOf(info))) return;
    seen.add(identityOf(info));
    files.push({ file, path, info });
  }

  async function follow(place: Place, info: Stats): Promise<void> {
    const identity = identityOf(info);
    if (place.within.includes(identity)) {
      skipped.push({
        file: place.file,
        reason: 'the link leads back to a folder that contains it, so it is not followed',
      });
    } else if (seen.has(identity)) {
      return;
    } else if (info.isDirectory()) {
      await walk(place, info);
    } else if (info.isFile()) {
      addFile(place, info);
    }
  }

  /** One file or folder that cannot be read does not stop the others. */
  async function attempt(
    place: Place,
    work: (place: Place, info: Stats) => void | Promise<void>,
  ): Promise<void> {
    try {
      await work(place, await stat(place.path));
    } catch (error) {
      skipped.push({ file: place.file, reason: reasonOf(error) });
    }
  }

  await walk({ file: '', path: folder, within: [], linked: false }, await stat(folder));
  // After all that lies in the folder itself, so that this is listed under its own name.
  for (let link = links.shift(); link; link = links.shift())
    await attempt({ ...link, linked: true }, follow);
  const byName = (a: { file: string }, b: { file: string }) => (a.file < b.file ? -1 : 1);
  return { files: files.sort(byName), skipped: skipped.sort(byName) };
}

/** Where an entry was found. */
interface Place {
  readonly file: string;
  readonly path: string;
  /** The folders on the way to it, by their identity. */
  readonly within: readonly string[];
  /** Was it reached by a link? */
  readonly linked: boolean;
}

const placeIn = (folder: Place, { name }: Dirent, within: readonly string[]): Place => ({
  file: folder.file === '' ? name : `${folder.file}/${name}`,
  path: join(folder.path, name),
  within,
  linked: folder.linked,
});

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'the link leads nowhere';
  if (code === 'ELOOP') return 'the link leads round to itself';
  if (code === 'EACCES' || code === 'EPERM') {
    return 'it may not be read; change its permissions';
  }
  return `it cannot be read (${messageOf(error)})`;
}
