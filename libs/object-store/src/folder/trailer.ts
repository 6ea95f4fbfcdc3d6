/**
 * What is known of an object stands behind its bytes, in the same file: one rename then publishes
 * both, and an image viewer still opens the file.
 *
 * Layout: bytes of the object, the trailer as UTF-8 JSON, its length as uint32 (big-endian), a mark.
 */
export interface Trailer {
  /** SHA-256 of the object's bytes, in hexadecimal, cut to 128 bits. */
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl?: string;
}

const mark = Buffer.from('MosaicMe');
const footerBytes = 4 + mark.length;

/** A trailer is read with one look at the end of the file; longer ones need a second. */
export const usualTrailerBytes = 256;

/** The bytes that follow those of the object. */
export function writeTrailer(trailer: Trailer): Buffer {
  const json = Buffer.from(JSON.stringify(trailer));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, mark]);
}

/**
 * Bytes that the trailer takes at the end of a file; undefined when `end` is no end of an object.
 * @param end The last bytes of the file, at least `footerBytes` of them.
 */
export function trailerLength(end: Buffer): number | undefined {
  if (end.length < footerBytes || !end.subarray(-mark.length).equals(mark)) return undefined;
  return end.readUInt32BE(end.length - footerBytes) + footerBytes;
}

/**
 * Reads a trailer; undefined when it is damaged.
 * @param bytes Exactly the trailer, `trailerLength` bytes.
 */
export function readTrailer(bytes: Buffer): Trailer | undefined {
  try {
    const value: unknown = JSON.parse(bytes.subarray(0, -footerBytes).toString());
    return isTrailer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isTrailer(value: unknown): value is Trailer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'etag' in value &&
    typeof value.etag === 'string' &&
    'contentType' in value &&
    typeof value.contentType === 'string'
  );
}
