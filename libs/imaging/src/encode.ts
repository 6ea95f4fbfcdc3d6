import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';
import './decode';

/** What a finished picture can be encoded as, other than the JPEG that it is. */
export type EncodedFormat = 'png' | 'webp' | 'avif' | 'tiff';

/** The most pixels a side that the encoders take (libwebp, libheif, libpng; classic TIFF has none). */
export const encodedSideLimits: Readonly<Record<EncodedFormat, number>> = {
  png: 1_000_000,
  webp: 16_383,
  avif: 16_384,
  tiff: 1_000_000,
};

/** Above so many bytes of pixels a TIFF may outgrow its 32-bit offsets. */
const bigTiffBytes = 2 ** 31;

export interface EncodeOptions {
  readonly format: EncodedFormat;
  /** The file to write. */
  readonly file: string;
  /** The value of the Exif tag `Software`; left out of a TIFF. */
  readonly software: string;
  /** Pixels an inch, for printing. */
  readonly dpi?: number | undefined;
}

/**
 * Writes a JPEG that this system made itself in another format. PNG and TIFF are decoded and encoded
 * strip by strip, so that memory does not grow with the picture's height; WebP and AVIF hold it whole, at
 * about 4 and 12 bytes a pixel.
 *
 * @param jpeg At most `encodedSideLimits` pixels a side.
 */
export async function encodePicture(jpeg: Uint8Array, options: EncodeOptions): Promise<void> {
  const { format, file, software, dpi } = options;
  const picture = sharp(jpeg, { limitInputPixels: false, sequentialRead: true }).withExif({
    IFD0: { Software: software },
  });
  if (dpi !== undefined) picture.withDensity(dpi);
  const { width, height } = await sharp(jpeg, { limitInputPixels: false }).metadata();
  const threads = sharp.concurrency();
  // This is the only picture in flight, so it may have all threads.
  sharp.concurrency(availableParallelism());
  try {
    await encoders[format](picture, width * height * 3).toFile(file);
  } finally {
    sharp.concurrency(threads);
  }
}

/** PNG and TIFF lossless, WebP and AVIF so good that the small photos keep what the JPEG shows of them. */
const encoders: Readonly<Record<EncodedFormat, (picture: Sharp, pixelBytes: number) => Sharp>> = {
  png: (picture) => picture.png({ compressionLevel: 6 }),
  webp: (picture) => picture.webp({ quality: 88, effort: 4 }),
  // More effort takes two and three times as long for a file of the same size, measured on mosaics.
  avif: (picture) => picture.avif({ quality: 65, effort: 1 }),
  tiff: (picture, pixelBytes) =>
    picture.tiff({
      compression: 'lzw',
      predictor: 'horizontal',
      bigtiff: pixelBytes > bigTiffBytes,
    }),
};
