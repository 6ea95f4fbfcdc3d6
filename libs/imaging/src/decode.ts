import { messageOf, PermanentError } from '@mosaicme/errors';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { allowedFormats, sniffFormat, usualBytesPerPixel, type SniffedFormat } from './formats';
import type { ImageLimits } from './limits';

// Whatever a file pretends to be, only these decoders exist in this process. SVG, PDF, TIFF and the
// ImageMagick formats have had most of the holes, and nobody posts photos in them.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});

// Every picture is decoded once, so a cache of operations would only hold on to memory.
sharp.cache(false);
// One thread a picture, several pictures at a time (libuv's pool has four threads): with many small
// pictures this gives the best throughput, and memory that glibc's allocator does not fragment.
sharp.concurrency(1);

/** An untrusted picture whose header passed the limits; its pixels are not decoded yet. */
export interface OpenedImage {
  /** Upright, in sRGB, without alpha and metadata once it is run through `decode`. */
  readonly pipeline: Sharp;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
}

/**
 * Checks a file against the limits as far as its header goes, and prepares its decoding.
 *
 * @throws PermanentError `image.too-many-bytes`, `image.not-an-image`, `image.format-not-allowed`,
 *   `image.truncated`, `image.too-many-pixels`, `image.too-many-frames`, `image.too-small`.
 */
export async function openUntrusted(bytes: Uint8Array, limits: ImageLimits): Promise<OpenedImage> {
  checkBytes(bytes, limits);
  const format = checkFormat(bytes);
  const metadata = await decode(limits, () =>
    sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata(),
  );
  const { width, height } = metadata.autoOrient;
  checkHeader(metadata, format, limits);
  const pipeline = sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: 'error', pages: 1 })
    .timeout({ seconds: limits.maxSeconds })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
  return { pipeline, width, height };
}

// Two pictures at the limit are a gigabyte, so only a few are decoded at a time, and one of libuv's four
// threads stays free for the rest of the process.
const inDecoderSlot = pLimit(Math.min(3, availableParallelism()));

/**
 * Runs a decoder when one is free, and turns its complaints into errors that name the limit and the way
 * out.
 *
 * sharp's own time-out looks at the clock only between strips of its last step, so it misses most slow
 * decoders. This one gives up in time, but cannot stop the native code: that keeps its slot until it ends,
 * which the limit on pixels bounds.
 */
export function decode<Result>(limits: ImageLimits, run: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    void inDecoderSlot(async () => {
      const timer = setTimeout(() => reject(tooSlow(limits)), limits.maxSeconds * 1000);
      try {
        resolve(await run());
      } catch (error) {
        reject(decodingError(error, limits));
      } finally {
        clearTimeout(timer);
      }
    });
  });
}

/**
 * What a complaint of sharp means. A lack of memory is this machine's trouble and not the picture's: it
 * is passed on as it is, and so may be retried.
 */
export function decodingError(error: unknown, limits: ImageLimits): unknown {
  const message = messageOf(error);
  if (
    error instanceof PermanentError ||
    /out of memory|cannot allocate|unable to malloc/i.test(message)
  ) {
    return error;
  }
  if (/^timeout/.test(message)) return tooSlow(limits, error);
  if (/exceeds pixel limit/.test(message)) return tooManyPixels('more', limits.maxPixels, error);
  if (/unsupported image format/.test(message)) return notAnImage(error);
  return new PermanentError(
    'image.truncated',
    `The picture is cut short or damaged (${firstLine(message)}); send it again.`,
    { cause: error },
  );
}

function checkBytes(bytes: Uint8Array, limits: ImageLimits): void {
  if (bytes.length > limits.maxBytes) {
    throw new PermanentError(
      'image.too-many-bytes',
      `The picture has ${bytes.length} bytes, the limit is ${limits.maxBytes}; send it smaller.`,
    );
  }
}

function checkFormat(bytes: Uint8Array): SniffedFormat {
  const format = sniffFormat(bytes);
  if (!format) throw notAnImage();
  if (!format.allowed) {
    throw new PermanentError(
      'image.format-not-allowed',
      `The file is ${format.name}; send ${allowedFormats}.`,
    );
  }
  return format;
}

function checkHeader(
  { autoOrient, pages = 1 }: Metadata,
  { bytesPerPixel }: SniffedFormat,
  limits: ImageLimits,
): void {
  const { width, height } = autoOrient;
  const maxPixels = Math.floor(limits.maxPixels / Math.max(1, bytesPerPixel / usualBytesPerPixel));
  if (width * height > maxPixels) throw tooManyPixels(`${width} x ${height}`, maxPixels);
  if (pages > limits.maxFrames) {
    throw new PermanentError(
      'image.too-many-frames',
      `The animation has ${pages} frames, the limit is ${limits.maxFrames}; send one of its pictures.`,
    );
  }
  if (Math.min(width, height) < limits.minSide) {
    throw new PermanentError(
      'image.too-small',
      `The picture has ${width} x ${height} pixels; each side needs at least ${limits.minSide}.`,
    );
  }
}

const notAnImage = (cause?: unknown) =>
  new PermanentError('image.not-an-image', `The file is no picture; send ${allowedFormats}.`, {
    cause,
  });

const tooSlow = (limits: ImageLimits, cause?: unknown) =>
  new PermanentError(
    'image.too-slow',
    `Decoding the picture takes more than ${limits.maxSeconds} s; send it smaller or as a plain JPEG.`,
    { cause },
  );

const tooManyPixels = (found: string, maxPixels: number, cause?: unknown) =>
  new PermanentError(
    'image.too-many-pixels',
    `The picture has ${found} pixels, the limit is ${maxPixels} in all; send it smaller.`,
    { cause },
  );

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';
