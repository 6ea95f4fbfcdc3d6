import { PermanentError } from '@mosaicme/errors';
import { encodePicture } from '@mosaicme/imaging';
import { pageOfPicture, writePdf, type PixelSize } from '@mosaicme/print';
import { createWriteStream } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, parse } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OutputFormat } from './formats';
import { markJpeg, softwareName } from './mark';

export interface Output {
  readonly file: string;
  readonly format: OutputFormat;
  readonly size: PixelSize;
  /** Pixels an inch on paper; undefined where it is not meant for paper. */
  readonly dpi?: number | undefined;
}

/** For a PDF of a mosaic that names no resolution: what print shops ask for. */
const usualDpi = 300;

/**
 * Writes an assembled mosaic. The file appears under its name only when it is whole.
 * @param jpeg The JPEG in chunks, the first one with the whole header.
 */
export async function writeMosaic(
  jpeg: Iterable<Uint8Array<ArrayBuffer>>,
  { file, format, size, dpi }: Output,
): Promise<void> {
  await writeWhole(file, async (partial) => {
    if (format === 'jpeg') {
      await pipeline(Readable.from(markJpeg(jpeg)), createWriteStream(partial));
    } else if (format === 'pdf') {
      await writeFile(partial, await pdfOf(concatenate(jpeg), size, dpi ?? usualDpi, file));
    } else {
      const bytes = concatenate(jpeg);
      await encodePicture(bytes, { format, file: partial, software: softwareName, dpi });
    }
  });
}

/** Has a file written under another name, and gives it its name when that has succeeded. */
export async function writeWhole(
  file: string,
  write: (partial: string) => Promise<void>,
): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await write(partial);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

function pdfOf(jpeg: Uint8Array, size: PixelSize, dpi: number, file: string) {
  const { page } = pageOfPicture(size, dpi);
  return writePdf([page], {
    title: parse(basename(file)).name,
    creator: softwareName,
    picture: () => jpeg,
  });
}

/**
 * Would the encoder have the memory that it needs?
 *
 * WebP and AVIF are encoded from the whole picture: measured were 20 and 35 bytes a pixel. Without this
 * check the operating system ends the process without a word.
 *
 * @param availableBytes What the operating system, or the limit of the container, leaves.
 * @throws PermanentError `make.out-memory`
 */
export function checkEncoderMemory(
  format: OutputFormat,
  { width, height }: PixelSize,
  availableBytes: number,
): void {
  const bytesPerPixel = format === 'webp' ? 20 : format === 'avif' ? 35 : 0;
  const needed = width * height * bytesPerPixel;
  if (needed <= availableBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new PermanentError(
    'make.out-memory',
    `To encode ${width} x ${height} px as ${format.toUpperCase()} takes about ${gigabytes(needed)} of memory, ` +
      `and ${gigabytes(availableBytes)} are free. Use fewer --cells or a smaller --tile, or let --out end with .jpg, .png or .tif.`,
  );
}

export function concatenate(chunks: Iterable<Uint8Array>): Uint8Array {
  return Buffer.concat([...chunks]);
}
