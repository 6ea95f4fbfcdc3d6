import { runPeriodically } from '@mosaicme/async';
import { defaultCampaign, photoId, type Photo } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { submitRawPhoto, type SubmitPorts } from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import type { Stats } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
};

/** Pause between two looks, in milliseconds. */
const lookEveryMs = 5_000;
/** A file that changed more recently may still be in the middle of being copied here. */
const settledAfterMs = 1_000;

export interface PhotosFolderPorts extends SubmitPorts {
  readonly logger: Logger;
}

/**
 * Takes the photos of a folder, and of folders in it, as raw photos for the tile library: those that
 * are there and those that come later. The folder is made when it is missing. A photo is known by name,
 * size and time of change, so a restart takes none twice.
 *
 * @param pauses How often it looks, for tests.
 * @returns how to stop; what is being taken is finished first.
 */
export function watchPhotosFolder(
  folder: string,
  ports: PhotosFolderPorts,
  pauses: { readonly lookEveryMs: number; readonly settledAfterMs: number } = {
    lookEveryMs,
    settledAfterMs,
  },
): { close(): Promise<void> } {
  const { store, keys, logger } = ports;
  const known = new Set<string>();

  const take = async (file: string, info: Stats): Promise<boolean> => {
    const photo = toPhoto(file, info);
    if (known.has(photo.id)) return false;
    const taken = (await store.head(keys.rawRecord(photo.id))) !== undefined;
    if (!taken) {
      const bytes = await readFile(join(folder, file));
      const contentType = contentTypes[endingOf(file)] ?? 'application/octet-stream';
      await submitRawPhoto(ports, { photo, library: defaultCampaign }, { bytes, contentType });
    }
    known.add(photo.id);
    return !taken;
  };

  const lookOnce = async (signal: AbortSignal): Promise<void> => {
    let count = 0;
    for (const file of await listPhotos(folder)) {
      if (signal.aborted) break;
      try {
        const info = await stat(join(folder, file));
        if (Date.now() - info.mtimeMs < pauses.settledAfterMs) continue;
        if (await take(file, info)) count++;
      } catch (error) {
        // The next look tries it again.
        logger.warn({ file, error }, `photo not taken: ${messageOf(error)}`);
      }
    }
    if (count > 0) logger.info({ folder, count }, 'took photos from the folder');
  };

  const close = runPeriodically(lookOnce, {
    everyMs: pauses.lookEveryMs,
    immediately: true,
    onError: (error) =>
      logger.warn({ folder, error }, `photos folder not read: ${messageOf(error)}`),
  });
  return { close };
}

/** The photos below a folder, relative to it, in the order of their names. Hidden ones are left out. */
async function listPhotos(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && endingOf(entry.name) in contentTypes)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).some((part) => part.startsWith('.')))
    .sort();
}

const endingOf = (file: string): string => extname(file).toLowerCase();

function toPhoto(file: string, { size, mtimeMs, mtime }: Stats): Photo {
  const name = file.split(sep).join('/');
  // The end of a long path tells files apart better than its beginning.
  const postId = `${name.slice(-200)}:${size}:${Math.trunc(mtimeMs)}`;
  return {
    id: photoId({ network: 'spool', instance: 'spool', postId, mediaIndex: 0 }),
    network: 'spool',
    instance: 'spool',
    postId,
    mediaIndex: 0,
    author: { handle: 'folder' },
    postedAt: mtime.toISOString(),
  };
}
