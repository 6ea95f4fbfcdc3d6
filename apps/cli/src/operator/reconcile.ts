import { deadline } from '@mosaicme/async';
import { defaultCampaign, objectKeys } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import {
  connectMessaging,
  connectStore,
  reconcile,
  type PipelineConfig,
  type Reconciled,
} from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import { libraryNames, libraryStore, openTileLibrary, readManifest } from '@mosaicme/tile-library';
import type { ObjectStore } from '@mosaicme/object-store';

/** How long the broker may take to be there, in milliseconds. */
const connectWithinMs = 10_000;

/**
 * Republishes once what lost its message, as janitor does from time to time.
 *
 * @param ageSeconds Work younger than this is taken to be in flight.
 */
export async function reconcileOnce(
  config: Omit<PipelineConfig, 'service'>,
  ageSeconds: number,
  logger: Logger,
): Promise<Reconciled> {
  const { buckets } = config;
  const store = connectStore(config);
  const messaging = connectMessaging(config, logger, 'mosaicme reconcile');
  try {
    await deadline(() => messaging.ready(), { ms: connectWithinMs, tooLate: unreachable });
    return await reconcile(
      {
        app: 'mosaicme',
        store,
        messaging,
        keys: objectKeys(buckets),
        buckets,
        logger,
        hasTile: await knownTiles(store, buckets.tiles, logger),
      },
      { minAgeMs: ageSeconds * 1_000 },
    );
  } finally {
    await messaging.close();
    await store.close();
  }
}

const unreachable = (ms: number): Error =>
  new TransientError(
    'messaging.unreachable',
    `The broker was not there within ${ms / 1_000} s; check the RABBITMQ variables.`,
  );

/** Which raw photos need no republishing: those in a pack, and those that were removed for ever. */
async function knownTiles(
  store: ObjectStore,
  bucket: string,
  logger: Logger,
): Promise<(id: string, library: string) => boolean> {
  const known = new Map<string, (id: string) => boolean>();
  for (const name of [defaultCampaign, ...(await libraryNames(store, bucket))]) {
    const below = libraryStore(store, bucket, name);
    const library = await openTileLibrary({ store: below, bucket, memoryBudgetBytes: 0, logger });
    await library.close();
    const { manifest } = await readManifest(below, bucket);
    const removed = new Set(manifest.removed);
    known.set(name, (id) => library.indexOf(id) !== undefined || removed.has(id));
  }
  return (id, library) => known.get(library)?.(id) ?? false;
}
