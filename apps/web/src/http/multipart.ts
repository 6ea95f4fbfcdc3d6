import { photoFormatNames, photoFormats } from '@mosaicme/imaging/formats';
import type { Request, Response } from 'express';
import multer, { MulterError } from 'multer';
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
  /** Bytes of the whole body. Above `maxFileBytes`, for the fields and the boundaries. */
  readonly maxBodyBytes: number;
}

/**
 * Reads a multipart form with one image into memory. A form that is refused is read to its end first, up
 * to `maxBodyBytes`; where it goes on after that, see `discardBody`.
 *
 * @throws HttpProblem 400, 413 or 415 with a code that begins with `upload.`.
 */
export async function readForm(
  request: Request,
  response: Response,
  limits: FormLimits,
): Promise<Form> {
  if (!request.is('multipart/form-data')) throw unreadable(new Error('it is no multipart form'));
  await parse(request, response, limits);
  const { file } = request;
  if (!file || file.size === 0) {
    throw new HttpProblem(400, 'upload.no-photo', 'Please choose a photo first.');
  }
  return {
    file: { bytes: file.buffer, declaredType: imageTypeOf(file) ?? noType },
    fields: textFields(request.body as Readonly<Record<string, unknown>>),
  };
}

/** What browsers declare that do not know the type of a file, as most do of HEIC. */
const noType = 'application/octet-stream';

/** The media type that a file is declared to have, or else that of its ending; undefined for no image. */
function imageTypeOf({
  mimetype,
  originalname,
}: Pick<Express.Multer.File, 'mimetype' | 'originalname'>): string | undefined {
  const type = mimetype.toLowerCase();
  if (/^image\/[\w.+-]{1,64}$/.test(type)) return type;
  if (type !== noType) return undefined;
  const name = originalname.toLowerCase();
  return photoFormats.find(({ endings }) => endings.some((ending) => name.endsWith(ending)))
    ?.contentType;
}

function parse(request: Request, response: Response, limits: FormLimits): Promise<void> {
  const middleware = multer({
    storage: multer.memoryStorage(),
    defParamCharset: 'utf8',
    fileFilter: (_request, file, accept) => {
      if (imageTypeOf(file) !== undefined) accept(null, true);
      else accept(noImage(file.mimetype));
    },
    limits: {
      files: 1,
      fileSize: limits.maxFileBytes,
      fields: limits.maxFields,
      fieldSize: limits.maxFieldBytes,
      fieldNameSize: 64,
      // Names are plain here; `a[b]` would make an object of its field.
      fieldNestingDepth: 0,
      // One more than the two limits together, so that each of them can tell for itself.
      parts: limits.maxFields + 2,
    },
  }).single(limits.fileField);

  return new Promise((resolve, reject) => {
    // multer answers for a refused form only when its body has ended, which one without end never does.
    let bytes = 0;
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > limits.maxBodyBytes) reject(tooLarge(limits));
    });
    middleware(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(problemOf(error, limits));
    });
  });
}

/** The last one of several fields of the same name. */
function textFields(body: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    for (const text of [value].flat()) if (typeof text === 'string') fields.set(name, text);
  }
  return fields;
}

function problemOf(error: unknown, limits: FormLimits): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (!(error instanceof MulterError)) return unreadable(error);
  switch (error.code) {
    case 'LIMIT_FILE_SIZE':
      return tooLarge(limits);
    case 'LIMIT_FILE_COUNT':
    case 'LIMIT_UNEXPECTED_FILE':
      return new HttpProblem(
        400,
        'upload.files',
        `Please send one photo at a time, in the field '${limits.fileField}'.`,
      );
    case 'LIMIT_FIELD_VALUE':
      return tooLong(error.field ?? '', limits);
    case 'LIMIT_FIELD_COUNT':
    case 'LIMIT_PART_COUNT':
      return new HttpProblem(
        400,
        'upload.fields',
        `The form has more than ${limits.maxFields} fields, which is the limit.`,
      );
    default:
      return unreadable(error);
  }
}

/**
 * Throws away what still comes of a body that is refused, so that an honest browser finishes sending
 * and then reads the answer. After `maxBytes` it stops reading; close the connection then.
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
    `The file was sent as '${type}'. Please send a photo: ${photoFormatNames}.`,
  );

const unreadable = (cause: unknown): HttpProblem =>
  new HttpProblem(
    400,
    'upload.unreadable',
    `The form cannot be read (${cause instanceof Error ? cause.message : String(cause)}). Please send it again.`,
  );
