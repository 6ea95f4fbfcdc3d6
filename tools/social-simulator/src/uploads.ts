import busboy from 'busboy';
import type { IncomingMessage } from 'node:http';
import { invalidRequest } from './problems';
import type { NewPhoto } from './timeline';

/** X's limit for a picture, in bytes. */
export const maxPictureBytes = 5 * 1024 * 1024;
const pictureTypes = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** Uploads that nobody used are forgotten, the oldest first. */
const maxPending = 100;

/** Chunked media upload: initialize, append, finalize, describe; then a post takes it. */
export interface Uploads {
  initialize(id: string, contentType: unknown, totalBytes: unknown): void;
  append(id: string, segment: number, bytes: Uint8Array): void;
  /** @returns the size in bytes. */
  finalize(id: string, looks: number): number;
  /** Is it still being processed? Each question counts as a look. */
  processing(id: string): boolean;
  describe(id: string, altText: string): void;
  /** @throws Problem unless every id is a finished upload. */
  take(ids: readonly string[]): NewPhoto[];
}

interface Upload {
  readonly contentType: string;
  readonly totalBytes: number;
  readonly segments: Uint8Array[];
  bytes?: Uint8Array;
  looks?: number;
  altText?: string;
}

export function createUploads(): Uploads {
  const pending = new Map<string, Upload>();
  const get = (id: string) => {
    const upload = pending.get(id);
    if (!upload) throw invalidRequest(`There is no upload with the media id ${id}.`);
    return upload;
  };
  return {
    initialize(id, contentType, totalBytes) {
      if (typeof contentType !== 'string' || !pictureTypes.has(contentType)) {
        throw invalidRequest('media_type must be one of the picture types.');
      }
      if (typeof totalBytes !== 'number' || !(totalBytes > 0 && totalBytes <= maxPictureBytes)) {
        throw invalidRequest(`total_bytes must be between 1 and ${maxPictureBytes}.`);
      }
      pending.set(id, { contentType, totalBytes, segments: [] });
      for (const oldest of pending.keys()) {
        if (pending.size <= maxPending) break;
        pending.delete(oldest);
      }
    },
    append(id, segment, bytes) {
      if (!Number.isInteger(segment) || segment < 0 || segment > 999) {
        throw invalidRequest('segment_index must be between 0 and 999.');
      }
      get(id).segments[segment] = bytes;
    },
    finalize(id, looks) {
      const upload = get(id);
      const bytes = Buffer.concat(upload.segments.filter((segment) => segment !== undefined));
      if (bytes.length !== upload.totalBytes) {
        throw invalidRequest(`${bytes.length} bytes came and ${upload.totalBytes} were announced.`);
      }
      upload.bytes = bytes;
      upload.looks = looks;
      return bytes.length;
    },
    processing(id) {
      const upload = get(id);
      const looks = upload.looks ?? 0;
      upload.looks = looks - 1;
      return looks > 0;
    },
    describe(id, altText) {
      if (altText.length > 1000) throw invalidRequest('alt_text has more than 1000 characters.');
      get(id).altText = altText;
    },
    take(ids) {
      const photos = ids.map((id) => {
        const { bytes, contentType, altText, looks = 0 } = pending.get(id) ?? {};
        if (!bytes || !contentType || looks > 0)
          throw invalidRequest('Your media IDs are invalid.');
        return { bytes, contentType, ...(altText !== undefined && { altText }) };
      });
      for (const id of ids) pending.delete(id);
      return photos;
    },
  };
}

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly { name: string; contentType: string; bytes: Uint8Array }[];
}

/**
 * Reads a multipart form within limits. A part of type application/octet-stream counts as a file even
 * without a file name: that is how twitter-api-v2 sends media.
 *
 * @throws Problem when a file is larger than `maxFileBytes` or the form is broken.
 */
export function readForm(request: IncomingMessage, maxFileBytes: number): Promise<Form> {
  return new Promise((fulfil, reject) => {
    const fields: Record<string, string> = {};
    const files: Form['files'][number][] = [];
    const fail = (message: string) => {
      request.unpipe();
      request.resume();
      reject(invalidRequest(message));
    };
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: request.headers,
        limits: { fileSize: maxFileBytes + 1, files: 4, fields: 20, fieldSize: 20_000 },
      });
    } catch {
      return fail('The body is no multipart form.');
    }
    parser.on('field', (name, value) => (fields[name] = value));
    parser.on('file', (name, stream, { mimeType }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('close', () => {
        const bytes = Buffer.concat(chunks);
        if (bytes.length > maxFileBytes) fail(`A file has more than ${maxFileBytes} bytes.`);
        else files.push({ name, contentType: mimeType, bytes });
      });
    });
    parser.on('error', () => fail('The multipart form is broken.'));
    parser.on('close', () => fulfil({ fields, files }));
    request.pipe(parser);
  });
}
