import { mapConcurrently } from '@mosaicme/async';
import { idInKey, prefixes, type BucketNames, type ObjectKeys } from '@mosaicme/contracts';
import type { Catalogue, CatalogueEntry, CatalogueFailure } from '@mosaicme/catalogue';
import { type ObjectStore, readRecord } from '@mosaicme/object-store';
import { isPermanent, messageOf } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { failureRecordSchema, answerRecordSchema, mosaicRecordSchema } from '@mosaicme/requests';

export interface ReindexPorts {
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
  readonly logger: Logger;
}

const readsAtOnce = 16;

/**
 * Rebuilds the catalogue from the records in the buckets: mosaics with their answers, then failures. A
 * damaged record is logged and left out, so that one bad object cannot hide all others.
 *
 * @returns How many mosaics the catalogue has now.
 */
export async function reindex(ports: ReindexPorts): Promise<{ readonly count: number }> {
  const { store, catalogue, buckets } = ports;
  const entries = readAll(store.list(buckets.outSmall, { prefix: prefixes.mosaics }), ({ key }) =>
    readEntry(ports, idInKey(prefixes.mosaics, key)),
  );
  const rebuilt = await catalogue.rebuild(entries);
  const failures = readAll(store.list(buckets.in, { prefix: prefixes.failures }), ({ key }) =>
    readFailure(ports, idInKey(prefixes.failures, key)),
  );
  for await (const failure of failures) await catalogue.addFailure(failure);
  return rebuilt;
}

/**
 * Adds to the catalogue what was written to the buckets since a moment: what it would have learned by
 * messages that a broker lost. Adding a thing twice does no harm.
 *
 * @returns How many mosaics, answers and failures were added.
 */
export async function catchUp(ports: ReindexPorts, since: Date): Promise<number> {
  const { store, catalogue, buckets } = ports;
  const recentIds = async function* (bucket: string, prefix: string) {
    for await (const { key, lastModified } of store.list(bucket, { prefix })) {
      const id = lastModified >= since ? idInKey(prefix, key) : undefined;
      if (id !== undefined) yield id;
    }
  };
  const ids = new Set<string>();
  for (const prefix of [prefixes.mosaics, prefixes.answers]) {
    for await (const id of recentIds(buckets.outSmall, prefix)) ids.add(id);
  }
  const entries = readAll(ids, (id) => readEntry(ports, id));
  let count = 0;
  for await (const { mosaic, answer } of entries) {
    await catalogue.addMosaic(mosaic);
    if (answer) await catalogue.addAnswer(mosaic.id, answer);
    count++;
  }
  const failures = readAll(recentIds(buckets.in, prefixes.failures), (id) =>
    readFailure(ports, id),
  );
  for await (const failure of failures) {
    await catalogue.addFailure(failure);
    count++;
  }
  return count;
}

/** What `read` finds for each item, in order; what is not there is left out. */
async function* readAll<Item, Value>(
  items: AsyncIterable<Item> | Iterable<Item>,
  read: (item: Item) => Promise<Value | undefined>,
): AsyncGenerator<Value> {
  for await (const value of mapConcurrently(items, readsAtOnce, read)) {
    if (value !== undefined) yield value;
  }
}

async function readFailure(
  { store, keys, logger }: ReindexPorts,
  id: string | undefined,
): Promise<CatalogueFailure | undefined> {
  if (id === undefined) return undefined;
  try {
    const found = await readRecord(store, keys.failureRecord(id), failureRecordSchema);
    // What was replayed with success is no failure any more.
    if (!found || (await store.head(keys.answerRecord(id)))) return undefined;
    const { code, reason, failedAt } = found.record;
    return { id, code, reason, failedAt };
  } catch (error) {
    // A store that is away must not make mosaics disappear.
    if (!isPermanent(error)) throw error;
    logger.error({ error, id }, `left out of the catalogue: ${messageOf(error)}`);
    return undefined;
  }
}

async function readEntry(
  { store, keys, logger }: ReindexPorts,
  id: string | undefined,
): Promise<CatalogueEntry | undefined> {
  if (id === undefined) return undefined;
  try {
    const [mosaic, answered] = await Promise.all([
      readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema),
      readRecord(store, keys.answerRecord(id), answerRecordSchema),
    ]);
    const answer = answered?.record.answer;
    return mosaic && { mosaic: mosaic.record, ...(answer && { answer }) };
  } catch (error) {
    // A store that is away must not make mosaics disappear.
    if (!isPermanent(error)) throw error;
    logger.error({ error, id }, `left out of the catalogue: ${messageOf(error)}`);
    return undefined;
  }
}
