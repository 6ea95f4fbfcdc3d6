import { runPeriodically } from '@mosaicme/async';
import { defaultCampaign } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { listFiles, sniffFile, spoolPhoto, type ListedFile } from '@mosaicme/photo-folder';
import { submitRawPhoto, type SubmitPorts } from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import { mkdir, readFile } from 'node:fs/promises';

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
  /** Photos that were taken, and files that are none. */
  const known = new Set<string>();

  const take = async (listed: ListedFile): Promise<boolean> => {
    const photo = spoolPhoto(listed, 'folder');
    if (known.has(photo.id)) return false;
    const found = await sniffFile(listed.path);
    const isNew = found?.photo && !(await store.head(keys.rawRecord(photo.id)));
    if (!found?.photo) {
      logger.warn({ file: listed.file }, `not a photo: ${found?.name ?? 'unknown'}`);
    } else if (isNew) {
      const { contentType } = found.photo;
      const bytes = await readFile(listed.path);
      await submitRawPhoto(ports, { photo, library: defaultCampaign }, { bytes, contentType });
    }
    known.add(photo.id);
    return isNew === true;
  };

  const lookOnce = async (signal: AbortSignal): Promise<void> => {
    let count = 0;
    await mkdir(folder, { recursive: true });
    for (const listed of (await listFiles(folder)).files) {
      if (signal.aborted) break;
      try {
        if (Date.now() - listed.info.mtimeMs < pauses.settledAfterMs) continue;
        if (await take(listed)) count++;
      } catch (error) {
        // The next look tries it again.
        logger.warn({ file: listed.file, error }, `photo not taken: ${messageOf(error)}`);
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
