import { idInKey, prefixes, type BucketNames } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { ObjectInfo } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';
import { rawRecordSchema, readRecord, requestRecordSchema } from './records';
import { announceRawPhoto, announceRequest, type SubmitPorts } from './submit';

export interface ReconcilePorts extends SubmitPorts {
  readonly buckets: BucketNames;
  readonly logger: Logger;
  /** Is this raw photo in the tile library? */
  readonly hasTile: (id: string) => boolean;
}

export interface Reconciled {
  readonly requests: number;
  readonly rawPhotos: number;
}

/**
 * Announces again what lost its message: requests in the bucket whose answer is not settled and that
 * were not given up, raw photos that are in no pack. Handlers are idempotent, so announcing work that is still under
 * way costs time and nothing else; `minAgeMs` keeps that rare.
 */
export async function reconcile(
  ports: ReconcilePorts,
  options: { readonly minAgeMs: number; readonly now?: Date },
): Promise<Reconciled> {
  const before = (options.now ?? new Date()).getTime() - options.minAgeMs;
  const done = await idsUnder(ports, ports.buckets.outSmall, prefixes.answers);
  const failed = await idsUnder(ports, ports.buckets.in, prefixes.failures);
  const settled = (id: string) => done.has(id) || failed.has(id);

  const requests = await announceAll(
    ports,
    { bucket: ports.buckets.in, prefix: prefixes.requests, record: 'request.json', before },
    settled,
    async (id) => {
      const found = await readRecord(
        ports.store,
        ports.keys.requestRecord(id),
        requestRecordSchema,
      );
      if (found) await announceRequest(ports, found.record.request, found.record.object);
    },
  );
  const rawPhotos = await announceAll(
    ports,
    { bucket: ports.buckets.raw, prefix: prefixes.photos, record: 'photo.json', before },
    (id) => ports.hasTile(id) || failed.has(id),
    async (id) => {
      const found = await readRecord(ports.store, ports.keys.rawRecord(id), rawRecordSchema);
      if (found) await announceRawPhoto(ports, found.record.photo, found.record.object);
    },
  );
  if (requests + rawPhotos > 0) {
    ports.logger.info({ requests, rawPhotos }, 'announced again what had lost its message');
  }
  return { requests, rawPhotos };
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
      logger.error({ error, id }, `could not be announced again: ${messageOf(error)}`);
    }
  }
  return count;
}
