import {
  createEvent,
  idInKey,
  prefixes,
  type BucketNames,
  type QueueRole,
} from '@mosaicme/contracts';
import { mapConcurrently } from '@mosaicme/async';
import { isPermanent, messageOf } from '@mosaicme/errors';
import type { Messaging } from '@mosaicme/messaging';
import { readRecord } from '@mosaicme/object-store';
import {
  heldRecordSchema,
  listRequests,
  mosaicRecordSchema,
  rawRecordSchema,
  requestRecordSchema,
  type ListedRequest,
  type NextStep,
} from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import pLimit from 'p-limit';
import { announceRawPhoto, announceRequest, type SubmitPorts } from './submit';

export interface ReconcilePorts extends SubmitPorts {
  /** Without `depth` work is republished whatever waits already. */
  readonly messaging: SubmitPorts['messaging'] & Partial<Pick<Messaging, 'depth'>>;
  readonly buckets: BucketNames;
  readonly logger: Logger;
  /** Is this raw photo in this tile library, or was it removed from it? */
  readonly hasTile: (id: string, library: string) => boolean;
}

export interface ReconcileOptions {
  /** Work younger than this is taken to be in flight, in milliseconds. */
  readonly minAgeMs: number;
  /**
   * With more messages waiting than this nothing is republished: old work is then old because it waits
   * its turn, and republishing it again and again would make the flood grow. 100 unless given.
   */
  readonly maxBacklog?: number;
  /**
   * When each message was republished, by the id of its request or photo, in milliseconds; the caller
   * keeps it from one pass to the next, and what was republished less than `minAgeMs` ago is left alone.
   */
  readonly republished?: Map<string, number>;
  /** What raw photos are for; the caller keeps it from one pass to the next, to save reading records. */
  readonly rawPhotos?: Map<string, KnownRawPhoto>;
  /** The requests, where the caller has listed them already. */
  readonly listed?: readonly ListedRequest[];
  readonly now?: Date;
}

/** A raw photo as its record was last read. */
export interface KnownRawPhoto {
  readonly etag: string;
  readonly libraries: readonly string[];
}

export interface Reconciled {
  /** Requests republished. */
  readonly requests: number;
  /** Raw photos republished. */
  readonly rawPhotos: number;
}

/** The queues through which a request goes. */
const requestQueues = [
  'prepare',
  'render',
  'publish',
  'answer',
] as const satisfies readonly QueueRole[];
const defaultMaxBacklog = 100;
const readsAtOnce = 16;

/**
 * Republishes what lost its message: requests whose state says that a step is next, and raw photos that
 * are in no tile library. Handlers are idempotent, so republishing work that is still in flight costs
 * time and nothing else; `minAgeMs` and `maxBacklog` keep that rare.
 */
export async function reconcile(
  ports: ReconcilePorts,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const now = (options.now ?? new Date()).getTime();
  const before = now - options.minAgeMs;
  const { republished = new Map<string, number>(), maxBacklog = defaultMaxBacklog } = options;
  for (const [id, at] of republished) if (at <= before) republished.delete(id);

  /** Counts those of `ids` that could be republished. */
  const republishAll = async <Item extends { readonly id: string }>(
    due: readonly Item[],
    task: (item: Item) => Promise<void>,
  ): Promise<number> => {
    const outcomes = await pLimit(readsAtOnce).map([...due], async (item) => {
      try {
        await task(item);
        republished.set(item.id, now);
        return 1;
      } catch (error) {
        const { id } = item;
        ports.logger.error({ error, id }, `could not be republished: ${messageOf(error)}`);
        return 0;
      }
    });
    return outcomes.reduce<number>((sum, count) => sum + count, 0);
  };

  const isDue = (id: string, since: Date): boolean =>
    since.getTime() <= before && !republished.has(id);

  const requests = (await isFlooded(ports, requestQueues, maxBacklog))
    ? 0
    : await republishAll(
        (options.listed ?? (await listRequests(ports))).flatMap(({ id, next, receivedAt }) =>
          // A mosaic outlives the record of its request.
          next && isDue(id, receivedAt ?? new Date(0)) ? [{ id, next }] : [],
        ),
        ({ id, next }) => republish(ports, id, next),
      );
  const rawPhotos = (await isFlooded(ports, ['tiles'], maxBacklog))
    ? 0
    : await republishAll(
        await lostRawPhotos(ports, options.rawPhotos ?? new Map(), isDue),
        async ({ id, lacking }) => {
          const found = await readRecord(ports.store, ports.keys.rawRecord(id), rawRecordSchema);
          if (!found) return;
          for (const library of lacking) await announceRawPhoto(ports, found.record, library);
        },
      );
  if (requests + rawPhotos > 0) {
    ports.logger.info({ requests, rawPhotos }, 'republished what had lost its message');
  }
  return { requests, rawPhotos };
}

/** Publishes the message again that takes a request to its next step; nothing where its record is gone. */
export async function republish(
  ports: Pick<SubmitPorts, 'app' | 'store' | 'messaging' | 'keys'>,
  id: string,
  next: NextStep,
): Promise<void> {
  const { app, store, messaging, keys } = ports;
  switch (next) {
    case 'prepare': {
      const found = await readRecord(store, keys.requestRecord(id), requestRecordSchema);
      if (found) await announceRequest(ports, found.record.request, found.record.object);
      return;
    }
    case 'publish': {
      const found = await readRecord(store, keys.heldRecord(id), heldRecordSchema);
      if (!found) return;
      const { rendered } = found.record;
      await messaging.publish(
        createEvent('mosaic.rendered.v1', rendered, { app, subject: id, key: rendered.revision }),
      );
      return;
    }
    case 'answer': {
      const found = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
      if (!found) return;
      const mosaic = found.record;
      await messaging.publish(
        createEvent('mosaic.published.v1', { mosaic }, { app, subject: id, key: mosaic.revision }),
      );
    }
  }
}

/** Do more messages wait in these queues than `maxBacklog`? */
async function isFlooded(
  { messaging, logger }: ReconcilePorts,
  queues: readonly QueueRole[],
  maxBacklog: number,
): Promise<boolean> {
  let waiting = 0;
  for (const queue of queues) waiting += (await messaging.depth?.(queue))?.ready ?? 0;
  if (waiting > maxBacklog)
    logger.info({ queues, waiting }, 'nothing republished: much work waits');
  return waiting > maxBacklog;
}

/** Raw photos that lack in a tile library that they are for, and did not fail. */
async function lostRawPhotos(
  { store, keys, buckets, hasTile, logger }: ReconcilePorts,
  known: Map<string, KnownRawPhoto>,
  isDue: (id: string, since: Date) => boolean,
): Promise<{ readonly id: string; readonly lacking: readonly string[] }[]> {
  const failed = new Set<string>();
  for await (const { key } of store.list(buckets.in, { prefix: prefixes.failures })) {
    const id = idInKey(prefixes.failures, key);
    if (id !== undefined) failed.add(id);
  }
  const due = async function* () {
    for await (const info of store.list(buckets.raw, { prefix: prefixes.photos })) {
      const id = info.key.endsWith('/photo.json') ? idInKey(prefixes.photos, info.key) : undefined;
      if (id === undefined || failed.has(id) || !isDue(id, info.lastModified)) continue;
      yield { id, etag: info.etag };
    }
  };
  const librariesOf = async (id: string, etag: string): Promise<readonly string[]> => {
    const before = known.get(id);
    if (before?.etag === etag) return before.libraries;
    try {
      const found = await readRecord(store, keys.rawRecord(id), rawRecordSchema);
      if (!found) return [];
      const { libraries } = found.record;
      known.set(id, { etag: found.etag, libraries });
      return libraries;
    } catch (error) {
      if (!isPermanent(error)) throw error;
      logger.error({ error, id }, `not republished: ${messageOf(error)}`);
      return [];
    }
  };
  const photos = mapConcurrently(due(), readsAtOnce, async ({ id, etag }) => ({
    id,
    lacking: (await librariesOf(id, etag)).filter((library) => !hasTile(id, library)),
  }));
  const lost: { readonly id: string; readonly lacking: readonly string[] }[] = [];
  for await (const photo of photos) if (photo.lacking.length > 0) lost.push(photo);
  return lost;
}
