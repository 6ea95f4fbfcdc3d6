import { PreconditionFailed, type ObjectStore } from '@mosaicme/object-store';
import { encodePack, type Pack, type PackEntry } from '@mosaicme/tile-pack';
import { createHash } from 'node:crypto';
import { packKey } from './keys';

/** Writes a pack under the name of its content; writing it again changes nothing. */
export async function writePack(
  store: ObjectStore,
  bucket: string,
  pack: Pack,
): Promise<PackEntry> {
  const { bytes, indexBytes } = encodePack(pack);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const key = packKey(hash);
  try {
    await store.put({ bucket, key }, bytes, {
      contentType: 'application/octet-stream',
      cacheControl: 'public, max-age=31536000, immutable',
      only: { absent: true },
    });
  } catch (error) {
    // The key is the hash of the bytes, so what lies there is this very pack.
    if (!(error instanceof PreconditionFailed)) throw error;
  }
  return { key, hash, tiles: pack.tiles.length, bytes: bytes.length, indexBytes };
}
