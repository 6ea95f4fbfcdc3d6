import { pipeline } from 'node:stream/promises';
import type { ObjectRef } from '@mosaicme/contracts';
import type { ObjectInfo, ObjectStore } from '@mosaicme/object-store';
import type { Request, Response } from 'express';
import { notFound } from './problem';

/**
 * For what lies at an address that holds a revision: its bytes never change. A day and not a year, because
 * a post that is deleted must leave the caches too.
 */
export const immutableForADay = 'public, max-age=86400, immutable';

const pieceBytes = 4 * 1024 * 1024;

/**
 * Sends an object of the store: GET and HEAD, `ETag` and 304, and one byte range. A request for
 * several ranges gets the whole object, as RFC 9110 allows. Memory does not grow with the object.
 *
 * @throws HttpProblem 404 when there is no such object.
 */
export async function sendObject(
  request: Request,
  response: Response,
  store: ObjectStore,
  ref: ObjectRef,
  options: { readonly contentType: string },
): Promise<void> {
  const info = await store.head(ref);
  if (!info) throw notFound('There is no such picture, or not yet.');
  const etag = `"${info.etag}"`;
  response.set({
    'Content-Type': options.contentType,
    'Accept-Ranges': 'bytes',
    ETag: etag,
    'Last-Modified': info.lastModified.toUTCString(),
    'Cache-Control': immutableForADay,
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  if (request.fresh) {
    response.removeHeader('Content-Type');
    response.status(304).end();
    return;
  }
  const range = rangeOf(request, info, etag);
  if (range === 'unsatisfiable') {
    response.removeHeader('Content-Type');
    response.status(416).set('Content-Range', `bytes */${info.size}`).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: info.size };
  response.set('Content-Length', String(end - start));
  if (range) response.status(206).set('Content-Range', `bytes ${start}-${end - 1}/${info.size}`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const body = range ? pieces(store, info, range) : (await store.stream(ref)).body;
  try {
    await pipeline(body, response);
  } catch (error) {
    if (!isPrematureClose(error)) throw error;
    // The visitor left before the end, which is no error of ours.
  }
}

interface ByteRange {
  readonly start: number;
  /** Without this byte. */
  readonly end: number;
}

function rangeOf(
  request: Request,
  info: ObjectInfo,
  etag: string,
): ByteRange | 'unsatisfiable' | undefined {
  const condition = request.get('if-range');
  if (condition !== undefined && condition !== etag) return undefined;
  const ranges = request.range(info.size);
  if (ranges === undefined || ranges === -2) return undefined;
  if (ranges === -1) return 'unsatisfiable';
  const [first] = ranges;
  if (ranges.type !== 'bytes' || ranges.length !== 1 || !first) return undefined;
  return { start: first.start, end: first.end + 1 };
}

/** Reads a range piece by piece. @throws when the object is replaced meanwhile. */
async function* pieces(
  store: ObjectStore,
  info: ObjectInfo,
  range: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let start = range.start; start < range.end; start += pieceBytes) {
    const piece = await store.get(
      { bucket: info.bucket, key: info.key },
      { start, end: Math.min(start + pieceBytes, range.end) },
    );
    if (piece.etag !== info.etag) {
      throw new Error(`The object '${info.key}' was replaced while it was being sent.`);
    }
    yield piece.bytes;
  }
}

const isPrematureClose = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
