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

interface CompactionOptions {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly space: FeatureSpace;
  readonly logger: Logger;
}

/**
 * Merges small packs until no tier has enough of them (see `planMerge`), and drops removed tiles on the
 * way. Safe beside other appenders: a merge that lost the race is thrown away.
 *
 * Readers that still know the old packs find them gone, read the manifest again and go on.
 */
export async function mergeSmallPacks(
  options: CompactionOptions & { readonly packSize: number },
): Promise<void> {
  const { store, bucket, packSize, logger } = options;
  for (;;) {
    const { manifest } = await readManifest(store, bucket);
    const entries = planMerge(manifest, packSize);
    if (!entries) return;
    const pack = await mergePacks(options, entries, manifest);
    if (!pack) {
      logger.warn({ packs: entries.map(({ key }) => key) }, 'packs of two profiles are not merged');
      return;
    }
    await replaceByOne(options, entries, pack);
    logger.info({ packs: entries.length, tiles: pack.tiles.length }, 'small tile packs merged');
  }
}

/**
 * Writes packs again without the removed tiles, so that nothing of a removed photo stays in the store.
 *
 * @param hashes The packs that hold removed tiles; those that are not listed any more are skipped.
 */
export async function eraseRemoved(
  options: CompactionOptions,
  hashes: ReadonlySet<string>,
): Promise<void> {
  const { manifest } = await readManifest(options.store, options.bucket);
  for (const entry of manifest.packs.filter(({ hash }) => hashes.has(hash))) {
    const pack = await mergePacks(options, [entry], manifest);
    if (pack && pack.tiles.length < entry.tiles) await replaceByOne(options, [entry], pack);
  }
}

/** Lists one pack in the place of several, and deletes whatever is not listed after that. */
async function replaceByOne(
  { store, bucket }: CompactionOptions,
  entries: readonly PackEntry[],
  pack: Pack,
): Promise<void> {
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
}

/** One pack of several; undefined when their segments cannot stand in one scan. */
async function mergePacks(
  { store, bucket, space }: CompactionOptions,
  entries: readonly PackEntry[],
  { removed }: Manifest,
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
