import { version } from '@mosaicme/service';

/*
 * The mark says which program wrote a picture, in the field that is made for that (Exif 2.32, tag 305,
 * `Software`), so it survives renaming and shows in any viewer. It keeps a mosaic that lies among its own
 * small photos from becoming one of them.
 */
const program = 'MosaicMe';

/** The value of the Exif tag `Software` in pictures that this program writes. */
export const softwareName = `${program} ${version}`;

/** In JPEG and PNG Exif is at the beginning of the file, in WebP and AVIF at its end. */
const searchedBytes = 4096;

/** The name, a version and the zero byte that ends a text in Exif. */
const mark = new RegExp(`${program} \\d+\\.\\d+\\.\\d+[\\w.+-]*\\0`);

/** Was this file written by `mosaicme make`, as far as its metadata are still there? */
export function isMarkedMosaic(file: Uint8Array): boolean {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return (
    mark.test(bytes.toString('latin1', 0, searchedBytes)) ||
    mark.test(bytes.toString('latin1', Math.max(0, bytes.length - searchedBytes)))
  );
}

/** SOI and the JFIF header, with which every assembled JPEG begins. */
const jfifBytes = 20;

/**
 * Adds the mark to a JPEG.
 * @param chunks A JPEG that begins with a JFIF header without thumbnail, whole in the first chunk.
 */
export function* markJpeg(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
): Generator<Uint8Array<ArrayBuffer>, void> {
  let isFirst = true;
  for (const chunk of chunks) {
    if (isFirst) {
      yield chunk.subarray(0, jfifBytes);
      yield exifSegment(softwareName);
      yield chunk.subarray(jfifBytes);
    } else yield chunk;
    isFirst = false;
  }
}

/** An APP1 segment with Exif of a single tag: `Software`. */
function exifSegment(software: string): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(`${software}\0`, 'latin1');
  const headLength = 36;
  const segment = Buffer.alloc(headLength + text.length);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(segment.length - 2, 2);
  segment.write('Exif\0\0', 4, 'latin1');
  // From here on offsets count from the TIFF header at 10: its only directory lies behind it, at 8.
  segment.write('MM\0*\0\0\0\x08', 10, 'latin1');
  segment.writeUInt16BE(1, 18);
  segment.writeUInt16BE(305, 20);
  segment.writeUInt16BE(2, 22);
  segment.writeUInt32BE(text.length, 24);
  segment.writeUInt32BE(headLength - 10, 28);
  segment.writeUInt32BE(0, 32);
  segment.set(text, headLength);
  return new Uint8Array(segment);
}
