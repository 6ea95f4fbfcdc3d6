import busboy from 'busboy';
import type { Request } from 'express';
import { formatBytes } from '../html/format';
import { HttpProblem } from './problem';

/** One file and the text fields of a form. */
export interface Form {
  readonly file: { readonly bytes: Uint8Array; readonly declaredType: string };
  readonly fields: ReadonlyMap<string, string>;
}

export interface FormLimits {
  /** Name of the field that carries the file. */
  readonly fileField: string;
  readonly maxFileBytes: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
}

/**
 * Reads a multipart form with one image, and stops at the first limit that is passed. Where it throws,
 * the rest of the body is unread; see `discardBody`.
 *
 * @throws HttpProblem 400, 413 or 415 with a code that begins with `upload.`.
 */
export function readForm(request: Request, limits: FormLimits): Promise<Form> {
  return new Promise((resolve, reject) => {
    const parser = createParser(request, limits);
    const fields = new Map<string, string>();
    const chunks: Uint8Array[] = [];
    let declaredType: string | undefined;

    const stop = (error: unknown): void => {
      request.unpipe(parser);
      // Not within the parser's own call, which goes on with the bytes that it has.
      setImmediate(() => parser.destroy());
      reject(error);
    };
    parser.on('field', (name, value, { valueTruncated }) => {
      if (valueTruncated) stop(tooLong(name, limits));
      else fields.set(name, value);
    });
    parser.on('file', (name, file, { mimeType, filename }) => {
      // A stream of a part fails together with its parser, which is where the failure is handled.
      file.on('error', () => {});
      if (name !== limits.fileField) {
        file.resume();
        return;
      }
      if (!/^image\/[\w.+-]{1,64}$/i.test(mimeType)) {
        // A browser sends a file without name and bytes when nothing was chosen.
        if (filename) stop(noImage(mimeType));
        else file.resume();
        return;
      }
      declaredType = mimeType.toLowerCase();
      file.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      file.on('limit', () => stop(tooLarge(limits)));
    });
    parser.on('filesLimit', () =>
      stop(new HttpProblem(400, 'upload.files', 'Please send one photo at a time.')),
    );
    parser.on('fieldsLimit', () =>
      stop(new HttpProblem(400, 'upload.fields', 'The form has more fields than it may have.')),
    );
    parser.on('error', (cause) => stop(unreadable(cause)));
    parser.on('close', () => {
      const bytes = Buffer.concat(chunks);
      if (declaredType === undefined || bytes.length === 0) {
        reject(new HttpProblem(400, 'upload.no-photo', 'Please choose a photo first.'));
      } else {
        resolve({ file: { bytes, declaredType }, fields });
      }
    });
    request.once('error', (cause) => stop(unreadable(cause)));
    request.pipe(parser);
  });
}

function createParser(request: Request, limits: FormLimits): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: {
        files: 1,
        // The parser speaks up when the limit is reached; a file of just that size is fine.
        fileSize: limits.maxFileBytes + 1,
        fields: limits.maxFields,
        fieldSize: limits.maxFieldBytes,
        fieldNameSize: 64,
        // One more than the two limits together, so that each of them can tell for itself.
        parts: limits.maxFields + 2,
      },
    });
  } catch (cause) {
    throw unreadable(cause);
  }
}

/**
 * Throws away what still comes of a body that is refused, so that an honest browser finishes sending
 * and then reads the answer. After `maxBytes` it gives up; close the connection then.
 *
 * @returns true when the body is read to its end.
 */
export async function discardBody(request: Request, maxBytes: number): Promise<boolean> {
  let bytes = 0;
  if (!request.complete && !request.destroyed) {
    await new Promise<void>((resolve) => {
      request.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > maxBytes) resolve();
      });
      request.once('end', resolve);
      request.once('close', resolve);
      request.resume();
    });
    request.pause();
  }
  return request.complete;
}

export const tooLarge = ({ maxFileBytes }: Pick<FormLimits, 'maxFileBytes'>): HttpProblem =>
  new HttpProblem(
    413,
    'upload.too-large',
    `The photo is larger than ${formatBytes(maxFileBytes)}, which is the limit. Please send a smaller version of it.`,
  );

const tooLong = (field: string, { maxFieldBytes }: FormLimits): HttpProblem =>
  new HttpProblem(
    413,
    'upload.text-too-long',
    `The field '${field}' is longer than ${formatBytes(maxFieldBytes)}, which is the limit.`,
  );

const noImage = (type: string): HttpProblem =>
  new HttpProblem(
    415,
    'upload.no-image',
    `The file was sent as '${type}'. Please send a photo, for example a JPEG or a PNG.`,
  );

const unreadable = (cause: unknown): HttpProblem =>
  new HttpProblem(
    400,
    'upload.unreadable',
    `The form cannot be read (${cause instanceof Error ? cause.message : String(cause)}). Please send it again.`,
  );
