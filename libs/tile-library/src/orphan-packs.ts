import type { ObjectInfo, ObjectStore } from '@mosaicme/object-store';
import { packPrefix } from './keys';
import { readManifest } from './manifest-store';

/**
 * Removes the packs that the manifest does not list: those of writers that died before they could list
 * them, and those whose removal failed after a merge.
 *
 * @param before Younger packs stay, because their writers may be about to list them.
 * @returns How many packs were removed.
 * @throws ObjectsNotDeleted; PermanentError `manifest.damaged`, then nothing was removed.
 */
export async function removeOrphanPacks(
  store: ObjectStore,
  bucket: string,
  before: Date,
): Promise<number> {
  const old: ObjectInfo[] = [];
  for await (const info of store.list(bucket, { prefix: packPrefix })) {
    if (info.lastModified <= before) old.push(info);
  }
  if (old.length === 0) return 0;
  // Read after the listing, so that what was listed meanwhile is not taken for an orphan.
  const { manifest } = await readManifest(store, bucket);
  const listed = new Set(manifest.packs.map(({ key }) => key));
  const orphans = old.filter(({ key }) => !listed.has(key));
  await store.deleteMany(orphans);
  return orphans.length;
}
