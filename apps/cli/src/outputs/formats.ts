import { PermanentError } from '@mosaicme/errors';
import { encodedSideLimits, type EncodedFormat } from '@mosaicme/imaging';
import { LIBJPEG_MAX_SIDE } from '@mosaicme/jpeg';
import { extname } from 'node:path';

/** What a mosaic can be written as. */
export type OutputFormat = 'jpeg' | 'pdf' | EncodedFormat;

const formats: ReadonlyMap<string, OutputFormat> = new Map([
  ['.jpg', 'jpeg'],
  ['.jpeg', 'jpeg'],
  ['.png', 'png'],
  ['.webp', 'webp'],
  ['.avif', 'avif'],
  ['.tif', 'tiff'],
  ['.tiff', 'tiff'],
  ['.pdf', 'pdf'],
]);

/** The endings that `outputFormat` knows, for messages. */
export const outputEndings = [...formats.keys()].join(', ');

/**
 * The format that the ending of a file stands for, in capitals or not.
 * @throws PermanentError `make.out-format`
 */
export function outputFormat(file: string): OutputFormat {
  const ending = extname(file);
  const format = formats.get(ending.toLowerCase());
  if (format) return format;
  throw new PermanentError(
    'make.out-format',
    `The mosaic cannot be written to ${file}: ${ending === '' ? 'it has no ending' : `'${ending}' stands for no format`}. ` +
      `The ending of --out chooses the format; use one of ${outputEndings}.`,
  );
}

/**
 * Can the format hold a picture of this size, in pixels?
 * @throws PermanentError `make.out-too-large`
 */
export function checkOutputSize(
  format: OutputFormat,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  // A PDF holds the JPEG itself.
  const limit =
    format === 'jpeg' || format === 'pdf' ? LIBJPEG_MAX_SIDE : encodedSideLimits[format];
  if (Math.max(width, height) <= limit) return;
  throw new PermanentError(
    'make.out-too-large',
    `The mosaic is ${width} x ${height} px, but ${format.toUpperCase()} holds at most ${limit} px a side. ` +
      'Use fewer --cells or a smaller --tile, or let --out end with .jpg, .png or .tif.',
  );
}
