import { objectKeys } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import type { Messaging } from '@mosaicme/messaging';
import {
  connectMessaging,
  connectStore,
  reconcile,
  type PipelineConfig,
  type Reconciled,
} from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import { openTileLibrary, readManifest } from '@mosaicme/tile-library';
import type { ObjectStore } from '@mosaicme/object-store';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the broker may take to be there, in milliseconds. */
const connectWithinMs = 10_000;

/**
 * Announces once what lost its message, as sync-downloader does from time to time.
 *
 * @param ageSeconds Work younger than this is taken to be under way.
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
    await readyInTime(messaging);
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

async function readyInTime(messaging: Messaging): Promise<void> {
  const given = new AbortController();
  const tooLate = sleep(connectWithinMs, undefined, { signal: given.signal }).then(() => {
    throw new TransientError(
      'messaging.unreachable',
      `The broker was not there within ${connectWithinMs / 1_000} s; check the RABBITMQ variables.`,
    );
  });
  tooLate.catch(() => undefined);
  try {
    await Promise.race([messaging.ready(), tooLate]);
  } finally {
    given.abort();
  }
}

/** Which raw photos need no announcing: those in a pack, and those that were removed for ever. */
async function knownTiles(
  store: ObjectStore,
  bucket: string,
  logger: Logger,
): Promise<(id: string) => boolean> {
  const library = await openTileLibrary({ store, bucket, memoryBudgetBytes: 0, logger });
  await library.close();
  const { manifest } = await readManifest(store, bucket);
  const removed = new Set(manifest.removed);
  return (id) => library.indexOf(id) !== undefined || removed.has(id);
}
