import { idInKey, prefixes, type BucketNames, type ObjectKeys } from '@mosaicme/contracts';
import type { Catalogue, CatalogueEntry } from '@mosaicme/catalogue';
import type { ObjectStore } from '@mosaicme/object-store';
import { messageOf } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { answerRecordSchema, mosaicRecordSchema, readRecord } from './records';

export interface ReindexPorts {
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
  readonly logger: Logger;
}

const readsAtOnce = 16;

/**
 * Rebuilds the catalogue from the records in the buckets. A damaged record is logged and left out, so
 * that one bad object cannot hide all others.
 */
export function reindex(ports: ReindexPorts): Promise<{ readonly count: number }> {
  return ports.catalogue.rebuild(publishedEntries(ports));
}

/** Every published mosaic with its answer, by id. */
async function* publishedEntries(ports: ReindexPorts): AsyncGenerator<CatalogueEntry> {
  let batch: Promise<CatalogueEntry | undefined>[] = [];
  const flush = async () => {
    const entries = await Promise.all(batch);
    batch = [];
    return entries.filter((entry) => entry !== undefined);
  };
  for await (const { key } of ports.store.list(ports.buckets.outSmall, {
    prefix: prefixes.mosaics,
  })) {
    const id = idInKey(prefixes.mosaics, key);
    if (id === undefined) continue;
    batch.push(readEntry(ports, id));
    if (batch.length === readsAtOnce) yield* await flush();
  }
  yield* await flush();
}

async function readEntry(
  { store, keys, logger }: ReindexPorts,
  id: string,
): Promise<CatalogueEntry | undefined> {
  try {
    const [mosaic, answered] = await Promise.all([
      readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema),
      readRecord(store, keys.answerRecord(id), answerRecordSchema),
    ]);
    const answer = answered?.record.answer;
    return mosaic && { mosaic: mosaic.record, ...(answer && { answer }) };
  } catch (error) {
    logger.error({ error, id }, `left out of the catalogue: ${messageOf(error)}`);
    return undefined;
  }
}
