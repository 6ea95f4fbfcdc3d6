import { idInKey, prefixes, type BucketNames, type QueueRole } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { Messaging } from '@mosaicme/messaging';
import { type ObjectInfo, readRecord } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import { rawRecordSchema, requestRecordSchema } from '@mosaicme/requests';
import { announceRawPhoto, announceRequest, type SubmitPorts } from './submit';

export interface ReconcilePorts extends SubmitPorts {
  /** Without `depth` work is announced whatever waits already. */
  readonly messaging: SubmitPorts['messaging'] & Partial<Pick<Messaging, 'depth'>>;
  readonly buckets: BucketNames;
  readonly logger: Logger;
  /** Is this raw photo in the tile library? */
  readonly hasTile: (id: string) => boolean;
}

export interface ReconcileOptions {
  /** Work younger than this is taken to be in flight, in milliseconds. */
  readonly minAgeMs: number;
  /**
   * With more messages waiting than this nothing is announced: old work is then old because it waits
   * its turn, and announcing it again and again would make the flood grow. 100 unless given.
   */
  readonly maxBacklog?: number;
  /**
   * When each photo was republished, by id, in milliseconds; the caller keeps it from one pass to
   * the next, and work announced less than `minAgeMs` ago is left alone.
   */
  readonly announced?: Map<string, number>;
  readonly now?: Date;
}

export interface Reconciled {
  /** Requests republished. */
  readonly requests: number;
  /** Raw photos republished. */
  readonly rawPhotos: number;
  /** Objects of settled requests that were removed from the work bucket. */
  readonly workObjects: number;
}

/** The queues through which a request goes. */
const requestQueues = ['prepare', 'render', 'publish'] as const satisfies readonly QueueRole[];
const defaultMaxBacklog = 100;

/**
 * Republishes what lost its message: requests in the bucket whose answer is not settled and that
 * did not fail for good, raw photos that are in no pack. Handlers are idempotent, so announcing work that
 * is still in flight costs time and nothing else; `minAgeMs` and `maxBacklog` keep that rare. Then it
 * removes what settled requests left behind: their work objects, and the record of a failure whose
 * replay went well.
 */
export async function reconcile(
  ports: ReconcilePorts,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const { buckets, logger } = ports;
  const now = (options.now ?? new Date()).getTime();
  const before = now - options.minAgeMs;
  const { announced = new Map<string, number>() } = options;
  for (const [id, at] of announced) if (at <= before) announced.delete(id);
  const maxBacklog = options.maxBacklog ?? defaultMaxBacklog;
  const done = await idsUnder(ports, buckets.outSmall, prefixes.answers);
  const failed = await idsUnder(ports, buckets.in, prefixes.failures);

  const requests = (await isFlooded(ports, requestQueues, maxBacklog))
    ? 0
    : await announceAll(
        ports,
        { bucket: buckets.in, prefix: prefixes.requests, record: 'request.json', before },
        (id) => done.has(id) || failed.has(id) || announced.has(id),
        async (id) => {
          const ref = ports.keys.requestRecord(id);
          const found = await readRecord(ports.store, ref, requestRecordSchema);
          if (found) await announceRequest(ports, found.record.request, found.record.object);
          announced.set(id, now);
        },
      );
  const rawPhotos = (await isFlooded(ports, ['tiles'], maxBacklog))
    ? 0
    : await announceAll(
        ports,
        { bucket: buckets.raw, prefix: prefixes.photos, record: 'photo.json', before },
        (id) => ports.hasTile(id) || failed.has(id) || announced.has(id),
        async (id) => {
          const found = await readRecord(ports.store, ports.keys.rawRecord(id), rawRecordSchema);
          if (!found) return;
          for (const library of found.record.libraries) {
            await announceRawPhoto(ports, found.record, library);
          }
          announced.set(id, now);
        },
      );
  const workObjects = await sweepWork(ports, done, before);
  for (const id of failed) if (done.has(id)) await ports.store.delete(ports.keys.failureRecord(id));

  if (requests + rawPhotos > 0) {
    logger.info({ requests, rawPhotos }, 'republished what had lost its message');
  }
  if (workObjects > 0) logger.info({ workObjects }, 'removed work objects of settled requests');
  return { requests, rawPhotos, workObjects };
}

/** Do more messages wait in these queues than `maxBacklog`? */
async function isFlooded(
  { messaging, logger }: ReconcilePorts,
  queues: readonly QueueRole[],
  maxBacklog: number,
): Promise<boolean> {
  let waiting = 0;
  for (const queue of queues) waiting += (await messaging.depth?.(queue))?.ready ?? 0;
  if (waiting > maxBacklog) logger.info({ queues, waiting }, 'nothing announced: much work waits');
  return waiting > maxBacklog;
}

async function idsUnder(
  { store }: ReconcilePorts,
  bucket: string,
  prefix: string,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of store.list(bucket, { prefix })) {
    const id = idInKey(prefix, key);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

async function announceAll(
  { store, logger }: ReconcilePorts,
  where: { bucket: string; prefix: string; record: string; before: number },
  settled: (id: string) => boolean,
  announce: (id: string) => Promise<void>,
): Promise<number> {
  const isDue = ({ key, lastModified }: ObjectInfo) =>
    key.endsWith(`/${where.record}`) && lastModified.getTime() <= where.before;
  let count = 0;
  for await (const info of store.list(where.bucket, { prefix: where.prefix })) {
    const id = isDue(info) ? idInKey(where.prefix, info.key) : undefined;
    if (id === undefined || settled(id)) continue;
    try {
      await announce(id);
      count++;
    } catch (error) {
      logger.error({ error, id }, `not republished: ${messageOf(error)}`);
    }
  }
  return count;
}

/** Removes work objects of settled requests. Those of failed ones stay: a replay needs them. */
async function sweepWork(
  { store, buckets }: ReconcilePorts,
  done: ReadonlySet<string>,
  before: number,
): Promise<number> {
  let count = 0;
  for await (const info of store.list(buckets.work)) {
    const id = idInKey('', info.key);
    if (id === undefined || !done.has(id) || info.lastModified.getTime() > before) continue;
    await store.delete(info);
    count++;
  }
  return count;
}
