import { codeOf, isPermanent, messageOf, PermanentError } from '@mosaicme/errors';
import {
  defaultImageLimits,
  localDecoder,
  photoFormatNames,
  type ImageLimits,
  type PhotoDecoder,
  type TileOptions,
} from '@mosaicme/imaging';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { listFiles, sniffFile, spoolPhoto, type ListedFile } from '@mosaicme/photo-folder';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, openTileLibrary } from '@mosaicme/tile-library';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { isMarkedMosaic } from './outputs/mark';

/** Where the index of a folder lies, and under which bucket. */
export interface FolderIndex {
  readonly store: ObjectStore;
  readonly bucket: string;
}

export interface RefusedFile {
  readonly file: string;
  /** The cause, the limit and the way out. */
  readonly reason: string;
}

export interface IndexReport {
  /** Files in the folder that are photos, usable or not. */
  readonly photos: number;
  readonly added: number;
  /** Photos that look like another one. */
  readonly nearDuplicates: number;
  /** Photos that are gone from the folder, or were changed. */
  readonly removed: number;
  /** Files and links that could not be used, with the reason. */
  readonly refused: readonly RefusedFile[];
}

/**
 * Limits for a folder of one's own: nobody in there means harm, so small pictures are enlarged and large
 * files are read.
 */
export const folderImageLimits: ImageLimits = {
  ...defaultImageLimits,
  maxBytes: 1_000_000_000,
  minSide: 8,
  maxSeconds: 60,
};

/** Tiles that are made differently lie in another bucket, so that a changed option takes effect. */
function bucketOf({ crop = 'attention', background = 'auto' }: TileOptions): string {
  const parts = [
    'tiles',
    crop === 'attention' ? '' : crop,
    background === 'auto' ? '' : background,
  ];
  return parts
    .filter((part) => part !== '')
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '');
}

/** The options that raise a limit, by the code of the refusal. */
const wayOut: Readonly<Record<string, string>> = {
  'image.too-many-pixels': '--max-megapixels',
  'image.too-small': '--min-side',
};

/** Why a file was refused, with the option of the command line that lets it pass. */
export function reasonOf(error: unknown): string {
  const option = wayOut[codeOf(error)];
  return option ? `${messageOf(error)} Or change the limit with ${option}.` : messageOf(error);
}

/**
 * Opens the index of a folder of photos; by default it lies in the folder itself.
 * @throws PermanentError `index.folder` when there is no such folder, or the index cannot be written.
 */
export async function openFolderIndex(
  folder: string,
  indexFolder?: string,
  tile: TileOptions = {},
): Promise<FolderIndex> {
  const bucket = bucketOf(tile);
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
    readonly limits?: ImageLimits;
    readonly tile?: TileOptions;
    /** Decodes the photos; this process unless given. */
    readonly decoder?: PhotoDecoder;
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
  const refused: RefusedFile[] = [];
  let others = 0;
  let added = 0;
  let nearDuplicates = 0;
  let done = 0;
  const { limits = folderImageLimits, decoder = localDecoder } = options;
  const slot = pLimit(availableParallelism());

  const addFile = async (listed: ListedFile): Promise<string> => {
    const { file, path, info } = listed;
    const { id, network, author } = spoolPhoto(listed, file);
    if (!appender.has(id)) {
      await checkFile(path, info.size, limits);
      const bytes = await readFile(path);
      if (isMarkedMosaic(bytes)) throw ownMosaic();
      const images = await decoder.makeTile(bytes, limits, options.tile);
      pending.push(
        appender.add({ id, network, author }, images).then((outcome) => {
          if (outcome === 'added') added++;
          if (outcome === 'near-duplicate') nearDuplicates++;
        }),
      );
    }
    return id;
  };
  const pending: Promise<void>[] = [];

  try {
    const { files, skipped } = await listFolder(folder);
    refused.push(...skipped);
    const present = await Promise.all(
      files.map((listed) =>
        slot(async () => {
          try {
            return await addFile(listed);
          } catch (error) {
            // A decoder that was killed or cannot be had costs this photo, not the folder.
            if (!isPermanent(error) && !codeOf(error).startsWith('decode.')) throw error;
            if (codeOf(error) === 'image.not-an-image') others++;
            refused.push({ file: listed.file, reason: reasonOf(error) });
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
    refused.sort((a, b) => (a.file < b.file ? -1 : 1));
    return { photos: files.length - others, added, nearDuplicates, removed: gone.length, refused };
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

async function listFolder(folder: string): ReturnType<typeof listFiles> {
  try {
    return await listFiles(folder);
  } catch (cause) {
    throw new PermanentError(
      'index.folder',
      `The folder ${folder} cannot be read (${messageOf(cause)}); --library takes a folder of photos.`,
      { cause },
    );
  }
}

/** Looks at a file before it is read whole: films and archives lie among the photos. */
async function checkFile(path: string, size: number, limits: ImageLimits): Promise<void> {
  const found = await sniffFile(path).catch((cause: unknown) => {
    throw new PermanentError('index.file', `It cannot be read (${messageOf(cause)}).`, { cause });
  });
  if (!found?.photo) {
    throw new PermanentError(
      'image.not-an-image',
      found
        ? `The file is ${found.name}; only ${photoFormatNames} become tiles.`
        : `The file is no picture; only ${photoFormatNames} become tiles.`,
    );
  }
  if (size > limits.maxBytes) {
    throw new PermanentError(
      'image.too-many-bytes',
      `The picture has ${size} bytes, the limit is ${limits.maxBytes}; save it smaller.`,
    );
  }
}
