import { sameProfile } from '@mosaicme/jpeg';
import type { FeatureSpace } from '@mosaicme/mosaic';
import type { ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import {
  decodePack,
  planMerge,
  replacePacks,
  type Manifest,
  type Pack,
  type PackEntry,
} from '@mosaicme/tile-pack';
import { featuresOfSubCells, spaceName } from './feature-space';
import { readManifest, updateManifest } from './manifest-store';
import { writePack } from './pack-writer';

/**
 * Merges small packs until no tier has enough of them (see `planMerge`), and drops removed tiles on the
 * way. Safe beside other appenders: a merge that lost the race is thrown away.
 *
 * Readers that still know the old packs find them gone, read the manifest again and go on.
 */
export async function mergeSmallPacks(options: {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly packSize: number;
  readonly space: FeatureSpace;
  readonly logger: Logger;
}): Promise<void> {
  const { store, bucket, packSize, space, logger } = options;
  for (;;) {
    const { manifest } = await readManifest(store, bucket);
    const entries = planMerge(manifest, packSize);
    if (!entries) return;
    const pack = await mergePacks(store, bucket, entries, manifest, space);
    if (!pack) {
      logger.warn({ packs: entries.map(({ key }) => key) }, 'packs of two profiles are not merged');
      return;
    }
    const merged = pack.tiles.length > 0 ? await writePack(store, bucket, pack) : undefined;
    const hashes = entries.map(({ hash }) => hash);
    const after = await updateManifest(
      store,
      bucket,
      (current) => replacePacks(current, hashes, merged) ?? current,
    );
    const listed = new Set(after.packs.map(({ key }) => key));
    for (const { key } of merged ? [...entries, merged] : entries) {
      if (!listed.has(key)) await store.delete({ bucket, key });
    }
    logger.info({ packs: entries.length, tiles: pack.tiles.length }, 'small tile packs merged');
  }
}

/** One pack of several; undefined when their segments cannot stand in one scan. */
async function mergePacks(
  store: ObjectStore,
  bucket: string,
  entries: readonly PackEntry[],
  { removed }: Manifest,
  space: FeatureSpace,
): Promise<Pack | undefined> {
  const gone = new Set(removed);
  const packs: Pack[] = [];
  for (const { key } of entries) {
    packs.push(decodePack((await store.get({ bucket, key })).bytes, key));
  }
  const profile = packs[0]!.profile;
  if (!packs.every((pack) => sameProfile(pack.profile, profile))) return undefined;
  const tiles = packs.flatMap((pack) =>
    pack.tiles
      .filter(({ id }) => !gone.has(id))
      .map((tile) =>
        pack.featureSpace === spaceName(space)
          ? tile
          : { ...tile, features: featuresOfSubCells(tile.subCells, space) },
      ),
  );
  return { profile, featureSpace: spaceName(space), tiles };
}
