import { photoId } from '@mosaicme/contracts';
import { isPermanent, messageOf, PermanentError } from '@mosaicme/errors';
import { makeTile } from '@mosaicme/imaging';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, openTileLibrary } from '@mosaicme/tile-library';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { extname, join, relative, sep } from 'node:path';
import pLimit from 'p-limit';
import { isMarkedMosaic } from './outputs/mark';

/** Where the index of a folder lies, and under which bucket. */
export interface FolderIndex {
  readonly store: ObjectStore;
  readonly bucket: string;
}

export interface IndexReport {
  /** Photos in the folder. */
  readonly photos: number;
  readonly added: number;
  /** Photos that look like another one. */
  readonly nearDuplicates: number;
  /** Photos that are gone from the folder, or were changed. */
  readonly removed: number;
  /** Files that could not be used, with the reason. */
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
}

const photoEndings = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif']);
const bucket = 'tiles';

/**
 * Opens the index of a folder of photos; by default it lies in the folder itself.
 * @throws PermanentError `index.folder` when there is no such folder, or the index cannot be written.
 */
export async function openFolderIndex(folder: string, indexFolder?: string): Promise<FolderIndex> {
  const isFolder = await stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new PermanentError(
      'index.folder',
      `There is no folder ${folder}; give the folder that holds the small photos.`,
    );
  }
  const root = indexFolder ?? join(folder, '.mosaicme');
  try {
    await mkdir(root, { recursive: true });
  } catch (cause) {
    throw new PermanentError(
      'index.folder',
      `The index cannot be written to ${root} (${messageOf(cause)}); give another place with --index FOLDER.`,
      { cause },
    );
  }
  const store = createFolderStore({ root });
  await store.ensureBucket(bucket);
  return { store, bucket };
}

/**
 * Brings the index up to date with the folder: new photos become tiles, photos that are gone leave.
 * Photos that were indexed before are not read again. A file that cannot be used is reported and does
 * not stop the others.
 *
 * @param onProgress Called with the files looked at so far, and all of them.
 * @throws PermanentError `index.folder` when the folder cannot be read.
 */
export async function indexFolder(
  folder: string,
  index: FolderIndex,
  options: {
    readonly nearDuplicateBits: number;
    readonly onProgress?: (done: number, of: number) => void;
  },
): Promise<IndexReport> {
  const appender = await createTileAppender({
    ...index,
    packSize: 256,
    maxWaitMs: 60_000,
    nearDuplicateBits: options.nearDuplicateBits,
    logger: silentLogger,
  });
  const refused: { file: string; reason: string }[] = [];
  let added = 0;
  let nearDuplicates = 0;
  let done = 0;
  const slot = pLimit(availableParallelism());

  const addFile = async (file: string): Promise<string> => {
    const path = join(folder, file);
    const { size, mtimeMs } = await stat(path);
    // The same file is recognised by name, size and time of change, without reading it.
    const postId = `${file.split(sep).join('/')}:${size}:${Math.trunc(mtimeMs)}`;
    const id = photoId({ network: 'spool', instance: 'spool', postId, mediaIndex: 0 });
    if (!appender.has(id)) {
      const bytes = await readFile(path);
      if (isMarkedMosaic(bytes)) throw ownMosaic();
      const images = await makeTile(bytes);
      const photo = { id, network: 'spool', author: { handle: file } } as const;
      pending.push(
        appender.add(photo, images).then((outcome) => {
          if (outcome === 'added') added++;
          if (outcome === 'near-duplicate') nearDuplicates++;
        }),
      );
    }
    return id;
  };
  const pending: Promise<void>[] = [];

  try {
    const files = await listPhotos(folder);
    const present = await Promise.all(
      files.map((file) =>
        slot(async () => {
          try {
            return await addFile(file);
          } catch (error) {
            if (!isPermanent(error)) throw error;
            refused.push({ file, reason: messageOf(error) });
            return undefined;
          } finally {
            options.onProgress?.(++done, files.length);
          }
        }),
      ),
    );
    await appender.flush();
    await Promise.all(pending);
    const kept = new Set(present);
    const gone = (await idsOf(index)).filter((id) => !kept.has(id));
    if (gone.length > 0) await appender.remove(gone);
    return { photos: files.length, added, nearDuplicates, removed: gone.length, refused };
  } finally {
    await appender.close();
  }
}

const ownMosaic = () =>
  new PermanentError(
    'index.own-mosaic',
    'It is a mosaic that this program made, not one of the small photos.',
  );

async function idsOf(index: FolderIndex): Promise<readonly string[]> {
  const library = await openTileLibrary({ ...index, memoryBudgetBytes: 0, logger: silentLogger });
  await library.close();
  return library.ids;
}

/** The photos below a folder, relative to it, in the order of their names. */
async function listPhotos(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (cause) {
    throw new PermanentError(
      'index.folder',
      `The folder ${folder} cannot be read (${messageOf(cause)}); --library takes a folder of photos.`,
      { cause },
    );
  }
  return entries
    .filter((entry) => entry.isFile() && photoEndings.has(extname(entry.name).toLowerCase()))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).some((part) => part.startsWith('.')))
    .sort();
}
