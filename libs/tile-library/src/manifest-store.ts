import { TransientError } from '@mosaicme/errors';
import { ObjectNotFound, PreconditionFailed, type ObjectStore } from '@mosaicme/object-store';
import { decodeManifest, emptyManifest, encodeManifest, type Manifest } from '@mosaicme/tile-pack';
import { manifestKey } from './keys';

/** Somebody else was faster that many times in a row: something is wrong. */
const maxAttempts = 100;

/** The manifest as it is stored, with what a compare-and-swap needs. */
export interface StoredManifest {
  readonly manifest: Manifest;
  /** Undefined where there is none yet. */
  readonly etag: string | undefined;
}

/** Reads the manifest; a library that nobody has written to yet is empty. */
export async function readManifest(store: ObjectStore, bucket: string): Promise<StoredManifest> {
  try {
    const { bytes, etag } = await store.get({ bucket, key: manifestKey });
    return { manifest: decodeManifest(bytes), etag };
  } catch (error) {
    if (error instanceof ObjectNotFound) return { manifest: emptyManifest, etag: undefined };
    throw error;
  }
}

/**
 * Changes the manifest by compare-and-swap: when somebody else was faster, `change` is asked again with
 * what they wrote, so nothing of theirs is lost.
 *
 * @param change Returns the new manifest, the same one when nothing is left to do.
 * @returns The manifest as it is stored now.
 */
export async function updateManifest(
  store: ObjectStore,
  bucket: string,
  change: (current: Manifest) => Manifest | Promise<Manifest>,
): Promise<Manifest> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { manifest, etag } = await readManifest(store, bucket);
    const next = await change(manifest);
    if (next === manifest) return manifest;
    try {
      await store.put({ bucket, key: manifestKey }, encodeManifest(next), {
        contentType: 'application/json',
        only: etag === undefined ? { absent: true } : { etag },
      });
      return next;
    } catch (error) {
      if (!(error instanceof PreconditionFailed)) throw error;
    }
  }
  throw new TransientError(
    'manifest.contended',
    `The manifest in bucket '${bucket}' changed ${maxAttempts} times while it was being replaced.`,
  );
}
