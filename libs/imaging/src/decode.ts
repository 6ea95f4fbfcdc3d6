import { codeOf } from '@mosaicme/errors';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { firstFrameOfApng } from './apng';
import { decodingBytesPerPixel, readJpegFrame, usualBytesPerPixel } from './decoding-cost';
import { sniffFormat, type PhotoFormat } from './formats';
import { uncoveredFrame } from './gif-frame';
import { contrastingGround, type Ground } from './ground';
import { heicToPng } from './heic';
import type { ImageLimits } from './limits';
import { decodingError, refusals } from './refusals';

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

/** A photo whose header passed the limits; its pixels are not decoded yet. */
export interface OpenedPhoto {
  /** Upright, in sRGB, without alpha and metadata once it is run. */
  readonly pipeline: Sharp;
  /** Longer side divided by the shorter. */
  readonly ratio: number;
  /** Pixels. */
  uprightSize(): Promise<{ readonly width: number; readonly height: number }>;
}

export interface DecodeOptions {
  /** What lies under transparent parts; by default white or black, on which the content shows best. */
  readonly background?: Ground;
}

/**
 * Decodes an untrusted picture: told by its bytes, within the limits, upright, in sRGB, without alpha and
 * metadata; of an animation or a series the first picture, of a photo with a gain map the photo.
 *
 * A picture that lacks its last bytes is taken as viewers show it, when at most a tenth of it is missing.
 *
 * sharp's own time-out looks at the clock only between strips of its last step, so it misses most slow
 * decoders. This one gives up in time, but cannot stop the native code: that keeps its slot until it ends,
 * which the limit on pixels bounds. Only a process of its own can be stopped (`createDecoderPool`).
 *
 * @param run What to make of it; may be called twice.
 * @throws PermanentError `image.too-many-bytes`, `image.not-an-image`, `image.format-not-allowed`,
 *   `image.truncated`, `image.damaged`, `image.too-many-pixels`, `image.too-small`, `image.too-slow`.
 */
export async function decodePhoto<Result>(
  bytes: Uint8Array,
  limits: ImageLimits,
  options: DecodeOptions,
  run: (photo: OpenedPhoto) => Promise<Result>,
): Promise<Result> {
  if (bytes.length > limits.maxBytes) throw refusals.tooManyBytes(bytes.length, limits);
  const format = photoFormatOf(bytes);
  return inDecoder(limits, async () => {
    const readable = await readableBySharp(bytes, format, limits);
    const attempt = async (failOn: Strictness) =>
      run(await openPhoto(readable, format, limits, { ...options, failOn }));
    try {
      return await attempt('error');
    } catch (error) {
      const isCutShort = codeOf(decodingError(error, limits)) === 'image.truncated';
      if (!isCutShort || (await missingShare(readable, format)) > mostMissing) throw error;
      return attempt('none');
    }
  });
}

type Strictness = 'error' | 'none';

/** The kind of photo. @throws PermanentError `image.not-an-image`, `image.format-not-allowed` */
function photoFormatOf(bytes: Uint8Array): PhotoFormat['name'] {
  const file = sniffFormat(bytes);
  if (!file) throw refusals.notAnImage();
  if (!file.photo) throw refusals.formatNotAllowed(file.name);
  return file.photo.name;
}

/** The photo in a form that sharp reads: it has no decoder for HEVC, and its format table has gaps. */
async function readableBySharp(
  bytes: Uint8Array,
  format: PhotoFormat['name'],
  limits: ImageLimits,
): Promise<Uint8Array> {
  if (format === 'HEIC') {
    return heicToPng(bytes, ({ width, height }) =>
      checkSize(width, height, usualBytesPerPixel, limits),
    );
  }
  if (format === 'PNG') return firstFrameOfApng(bytes) ?? bytes;
  // libvips does not know the brand of a sequence, though the still picture in it is like any other.
  const isSequence = format === 'AVIF' && bytes[11] === 's'.charCodeAt(0);
  if (!isSequence) return bytes;
  const still = Uint8Array.from(bytes);
  still[11] = 'f'.charCodeAt(0);
  return still;
}

async function openPhoto(
  bytes: Uint8Array,
  format: PhotoFormat['name'],
  limits: ImageLimits,
  options: DecodeOptions & { readonly failOn: Strictness },
): Promise<OpenedPhoto> {
  // The size is checked here, before anything is decoded.
  const input: SharpOptions = { limitInputPixels: false, failOn: options.failOn, pages: 1 };
  const { width, height, hasAlpha } = await readHeader(bytes, format, input);
  // The size of a HEIC was checked before it became this PNG.
  if (format !== 'HEIC') checkSize(width, height, decodingBytesPerPixel(bytes, format), limits);

  const opened = (pipeline: Sharp): OpenedPhoto => ({
    pipeline,
    ratio: Math.max(width, height) / Math.min(width, height),
    uprightSize: () => uprightSize(bytes, input),
  });
  const { background = 'auto' } = options;
  if (hasAlpha) {
    const ground = background === 'auto' ? await groundOf(bytes, input) : background;
    return opened(upright(bytes, input, limits).flatten({ background: ground }));
  }
  const frame = format === 'GIF' ? uncoveredFrame(bytes) : undefined;
  if (!frame) return opened(upright(bytes, input, limits));
  const { left, top } = frame;
  // libvips leaves the rest of the canvas black. Two steps, because sharp extends after it has resized.
  const covered = await sharp(bytes, input)
    .extract(frame)
    .extend({
      left,
      top,
      right: width - left - frame.width,
      bottom: height - top - frame.height,
      background: background === 'auto' ? '#ffffff' : background,
    })
    .png({ compressionLevel: 1 })
    .toBuffer();
  return opened(upright(covered, input, limits));
}

interface Header {
  /** Pixels, as stored or upright. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

async function readHeader(
  bytes: Uint8Array,
  format: PhotoFormat['name'],
  input: SharpOptions,
): Promise<Header> {
  // Most photos are JPEGs, and a look at their header takes less time than a call of libvips.
  const frame = format === 'JPEG' ? readJpegFrame(bytes) : undefined;
  if (frame && frame.width > 0 && frame.height > 0) return { ...frame, hasAlpha: false };
  return sharp(bytes, input).metadata();
}

async function uprightSize(bytes: Uint8Array, input: SharpOptions) {
  const { autoOrient } = await sharp(bytes, input).metadata();
  return autoOrient;
}

const upright = (bytes: Uint8Array, input: SharpOptions, limits: ImageLimits): Sharp =>
  sharp(bytes, input).timeout({ seconds: limits.maxSeconds }).autoOrient().toColourspace('srgb');

/** Side of the picture by which a ground is chosen. */
const groundSide = 64;

async function groundOf(bytes: Uint8Array, input: SharpOptions): Promise<string> {
  const rgba = await sharp(bytes, input)
    .resize({ width: groundSide, height: groundSide, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
  return contrastingGround(rgba);
}

/** @throws PermanentError `image.too-many-pixels`, `image.too-small` */
function checkSize(
  width: number,
  height: number,
  bytesPerPixel: number,
  limits: ImageLimits,
): void {
  const maxPixels = Math.floor((limits.maxPixels * usualBytesPerPixel) / bytesPerPixel);
  if (width * height > maxPixels) throw refusals.tooManyPixels(`${width} x ${height}`, maxPixels);
  if (Math.min(width, height) < limits.minSide) throw refusals.tooSmall(width, height, limits);
}

/** Largest part of a picture that may be missing at its end. */
const mostMissing = 0.1;
const rowsLookedAt = 256;

/**
 * How much of a picture that is cut short is missing: the share of its last rows that the decoder filled
 * with one colour. Formats that are decoded as a whole miss everything.
 */
async function missingShare(bytes: Uint8Array, format: PhotoFormat['name']): Promise<number> {
  if (format !== 'JPEG' && format !== 'PNG' && format !== 'GIF') return 1;
  const { data, info } = await sharp(bytes, {
    failOn: 'none',
    limitInputPixels: false,
    pages: 1,
    ignoreIcc: true,
  })
    .resize({ width: 16, height: rowsLookedAt, fit: 'fill', kernel: 'nearest' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { channels } = info;
  const filling = data.subarray(data.length - channels);
  // libjpeg fills with coefficients of zero, which is the middle grey; another colour is the picture's.
  if (format === 'JPEG' && channels === 3 && !filling.every((value) => Math.abs(value - 128) < 4)) {
    return 0;
  }
  let at = data.length - 1;
  while (at >= 0 && Math.abs(data[at]! - filling[at % channels]!) < 3) at--;
  return 1 - Math.ceil((at + 1) / (16 * channels)) / rowsLookedAt;
}

// Two pictures at the limit are a gigabyte, so only a few are decoded at a time, and one of libuv's four
// threads stays free for the rest of the process.
const inDecoderSlot = pLimit(Math.min(3, availableParallelism()));

/** Runs a decoder when one is free, and turns its complaints into refusals. */
function inDecoder<Result>(limits: ImageLimits, run: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    void inDecoderSlot(async () => {
      const timer = setTimeout(() => reject(refusals.tooSlow(limits)), limits.maxSeconds * 1000);
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
