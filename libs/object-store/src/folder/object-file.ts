import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import {
  readTrailer,
  trailerLength,
  usualTrailerBytes,
  writeTrailer,
  type Trailer,
} from './trailer';

const defaultContentType = 'application/octet-stream';

/** Bytes that are read at once from a file. */
const readBytes = 256 * 1024;

export interface FileFacts extends Trailer {
  /** Bytes of the object, without the trailer. */
  readonly size: number;
  readonly lastModified: Date;
}

/** What the writer of an object chooses. */
export interface FileOptions {
  readonly contentType?: string;
  readonly cacheControl?: string;
}

/** Reads the trailer. @throws Error when the file is no object of this store. */
export async function readFacts(handle: FileHandle, path: string): Promise<FileFacts> {
  const { size: fileSize, mtimeMs } = await handle.stat();
  let end = await readAt(handle, Math.max(0, fileSize - usualTrailerBytes), fileSize);
  const length = trailerLength(end);
  if (length !== undefined && length > end.length) {
    end = await readAt(handle, Math.max(0, fileSize - length), fileSize);
  }
  const trailer =
    length !== undefined && length <= end.length ? readTrailer(end.subarray(-length)) : undefined;
  if (length === undefined || trailer === undefined) {
    throw new Error(`The file '${path}' was not written by this store, or is damaged. Remove it.`);
  }
  return { ...trailer, size: fileSize - length, lastModified: new Date(mtimeMs) };
}

/** The bytes from `start` up to and without `end`, fewer where the file ends before. */
export async function readAt(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The bytes of a file up to `end`, in pieces. */
export async function* readPieces(handle: FileHandle, end: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < end; at += readBytes) {
    yield await readAt(handle, at, Math.min(end, at + readBytes));
  }
}

/** Writes a new file with its trailer and makes it durable. Errors of `body` pass unchanged. */
export async function writeObjectFile(
  path: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: FileOptions,
): Promise<Trailer> {
  const handle = await open(path, 'wx');
  try {
    const hash = createHash('sha256');
    for await (const piece of body) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
    const trailer: Trailer = {
      etag: hash.digest('hex').slice(0, 32),
      contentType: options.contentType ?? defaultContentType,
      ...(options.cacheControl === undefined ? {} : { cacheControl: options.cacheControl }),
    };
    await handle.writeFile(writeTrailer(trailer));
    await handle.sync();
    return trailer;
  } finally {
    await handle.close();
  }
}

/** Gives the copy of an object's file other options, and makes it durable. */
export async function finishCopy(path: string, options: FileOptions): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const { size, lastModified: _, ...trailer } = await readFacts(handle, path);
    const next: Trailer = {
      ...trailer,
      ...(options.contentType === undefined ? {} : { contentType: options.contentType }),
      ...(options.cacheControl === undefined ? {} : { cacheControl: options.cacheControl }),
    };
    await handle.truncate(size);
    const bytes = writeTrailer(next);
    await handle.write(bytes, 0, bytes.length, size);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
