import type { ObjectRef } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';

/** The limit of S3, in bytes of UTF-8. */
const maxKeyBytes = 1024;

const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Checks the name of a bucket by the rules of S3, so that what works in a folder works on S3 too.
 * @throws PermanentError `object-store.bad-bucket`
 */
export function checkBucket(bucket: string): void {
  if (!bucketPattern.test(bucket) || bucket.includes('..')) {
    throw new PermanentError(
      'object-store.bad-bucket',
      `'${bucket}' is no bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens.`,
    );
  }
}

/**
 * Checks bucket and key.
 * @throws PermanentError `object-store.bad-bucket` or `object-store.bad-key`
 */
export function checkRef(ref: ObjectRef): void {
  checkBucket(ref.bucket);
  const bytes = Buffer.byteLength(ref.key);
  if (bytes === 0 || bytes > maxKeyBytes) {
    throw new PermanentError(
      'object-store.bad-key',
      `A key has 1 to ${maxKeyBytes} bytes of UTF-8; this one in bucket '${ref.bucket}' has ${bytes}.`,
    );
  }
  if (loneSurrogate.test(ref.key)) {
    throw new PermanentError(
      'object-store.bad-key',
      `The key '${ref.key}' in bucket '${ref.bucket}' has half a surrogate pair, so it is no valid text.`,
    );
  }
}

/** @throws RangeError unless `0 <= start <= end`, both whole numbers. */
export function checkRange(range: { readonly start: number; readonly end: number }): void {
  const { start, end } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new RangeError(`A range needs 0 <= start <= end in whole bytes, got ${start} to ${end}.`);
  }
}

/** Said by both adapters when an object is put, read or listed where no bucket is. */
export function noSuchBucket(bucket: string, options?: ErrorOptions): PermanentError {
  return new PermanentError(
    'object-store.no-bucket',
    `There is no bucket '${bucket}'. Create it, or correct the BUCKET_* variable that names it.`,
    options,
  );
}
