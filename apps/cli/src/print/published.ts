import { groups, readConfig } from '@mosaicme/config';
import { objectKeys, type BucketNames } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { decodeRecipe, type Recipe } from '@mosaicme/mosaic';
import { createFolderStore, readRecord, type ObjectStore } from '@mosaicme/object-store';
import { connectStore } from '@mosaicme/pipeline';
import { mosaicRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { libraryStore, openTileReader, type TileReader } from '@mosaicme/tile-library';
import { join } from 'node:path';
import { memoryBudgetBytes } from '../make';
import { readStoreConfig, type Environment } from '../operator/config';

/** Where published mosaics lie. */
export interface MosaicStore {
  readonly store: ObjectStore;
  readonly buckets: BucketNames;
}

/**
 * The object store of the apps, or what `standalone` keeps in its folder.
 * @throws ConfigError
 */
export function openMosaicStore(environment: Environment, dataFolder?: string): MosaicStore {
  if (dataFolder === undefined) {
    const config = readStoreConfig(environment);
    return { store: connectStore(config), buckets: config.buckets };
  }
  const { buckets } = readConfig('mosaicme', { buckets: groups.buckets }, environment);
  return { store: createFolderStore({ root: join(dataFolder, 'objects') }), buckets };
}

/**
 * Reads the recipe of a published mosaic, and opens the tiles that it was made of.
 * @throws PermanentError `print.unknown-mosaic`
 */
export async function readPublished(
  id: string,
  { store, buckets }: MosaicStore,
): Promise<{ readonly recipe: Recipe; readonly tiles: TileReader }> {
  const ref = objectKeys(buckets).mosaicRecord(id);
  const stored = await readRecord(store, ref, mosaicRecordSchema);
  if (!stored) {
    throw new PermanentError(
      'print.unknown-mosaic',
      `No mosaic with the id ${id} is published; the address of its page in the gallery ends with the id.`,
    );
  }
  const { bytes } = await store.get(stored.record.recipe);
  const tiles = openTileReader({
    store: libraryStore(store, buckets.tiles, stored.record.library),
    bucket: buckets.tiles,
    memoryBudgetBytes,
    logger: silentLogger,
  });
  return { recipe: decodeRecipe(bytes), tiles };
}
