import { messageOf, PermanentError } from '@mosaicme/errors';
import { photoFormatNames } from './formats';
import type { ImageLimits } from './limits';

/** Why a picture is not taken. Each says the cause, the limit and the way out, in words for its owner. */
export const refusals = {
  tooManyBytes: (bytes: number, limits: ImageLimits) =>
    new PermanentError(
      'image.too-many-bytes',
      `The picture has ${bytes} bytes, the limit is ${limits.maxBytes}; send it smaller.`,
    ),
  formatNotAllowed: (name: string) =>
    new PermanentError(
      'image.format-not-allowed',
      `The file is ${name}; send ${photoFormatNames}.`,
    ),
  notAnImage: (cause?: unknown) =>
    new PermanentError('image.not-an-image', `The file is no picture; send ${photoFormatNames}.`, {
      cause,
    }),
  tooManyPixels: (found: string, maxPixels: number, cause?: unknown) =>
    new PermanentError(
      'image.too-many-pixels',
      `The picture has ${found} pixels, the limit is ${maxPixels} in all; send it smaller.`,
      { cause },
    ),
  tooSmall: (width: number, height: number, { minSide }: ImageLimits) =>
    new PermanentError(
      'image.too-small',
      `The picture has ${width} x ${height} pixels; each side needs at least ${minSide}.`,
    ),
  tooSlow: ({ maxSeconds }: ImageLimits, cause?: unknown) =>
    new PermanentError(
      'image.too-slow',
      `Decoding the picture takes more than ${maxSeconds} s; send it smaller or as a plain JPEG.`,
      { cause },
    ),
  truncated: (cause?: unknown) =>
    new PermanentError(
      'image.truncated',
      'The picture is cut short: its end is missing; send it again.',
      { cause },
    ),
  damaged: (cause?: unknown) =>
    new PermanentError(
      'image.damaged',
      'The picture is damaged and cannot be decoded; send it again, or save it anew as JPEG.',
      { cause },
    ),
};

/**
 * What a complaint of libvips means. Its own words stay in the cause: the first of them is often a
 * harmless warning ('unknown JFIF revision', 'corrupt header') and none is for people.
 *
 * A lack of memory is this machine's trouble and not the picture's: it is passed on as it is, and so may
 * be retried.
 */
export function decodingError(error: unknown, limits: ImageLimits): unknown {
  const message = messageOf(error);
  if (error instanceof PermanentError || isOurs(error) || isOutOfMemory(error)) {
    return error;
  }
  if (/^timeout/.test(message)) return refusals.tooSlow(limits, error);
  if (/exceeds pixel limit/.test(message)) {
    return refusals.tooManyPixels('more', limits.maxPixels, error);
  }
  if (isAboutTheEnd(message)) return refusals.truncated(error);
  if (/unsupported image format/.test(message)) return refusals.notAnImage(error);
  return refusals.damaged(error);
}

/** Did the decoder get no more memory? */
export const isOutOfMemory = (error: unknown): boolean =>
  /out of memory|insufficient memory|cannot allocate|unable to malloc|allocation failed/i.test(
    messageOf(error),
  );

/** A fault of this program, such as a missing module, says nothing about the picture. */
const isOurs = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  String((error as NodeJS.ErrnoException).code).startsWith('ERR_');

/** How libjpeg, libpng, libwebp, nsgif and libheif say that bytes are missing. */
const isAboutTheEnd = (message: string): boolean =>
  /premature end|unexpected end|end of (?:file|stream|data)|libpng read error|truncated|bad seek|unable to parse image|file too short|incomplete|not enough/i.test(
    message,
  );
