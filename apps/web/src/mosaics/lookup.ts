import type { CatalogueEntry } from '@mosaicme/catalogue';
import { objectKeys, type ObjectRef } from '@mosaicme/contracts';
import { codeOf, messageOf } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import { failureRecordSchema, mosaicRecordSchema } from '@mosaicme/requests';
import type { z } from 'zod';
import type { Settings, WebPorts } from '../ports';

/** What became of a request. */
export type RequestState =
  | { readonly state: 'published'; readonly entry: CatalogueEntry }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'waiting' }
  | { readonly state: 'unknown' };

export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly failedAt: string;
}

/**
 * Finds what became of a request. The catalogue is asked first; it is a cache that may be empty or
 * away, so the records in the buckets, from which it is rebuilt, have the last word.
 *
 * @throws TransientError when neither answers.
 */
export function createLookup(
  { catalogue, store, logger }: Pick<WebPorts, 'catalogue' | 'store' | 'logger'>,
  { buckets }: Pick<Settings, 'buckets'>,
): (id: string) => Promise<RequestState> {
  const keys = objectKeys(buckets);

  const inCatalogue = async (id: string): Promise<RequestState | undefined> => {
    try {
      const entry = await catalogue.get(id);
      return entry && { state: 'published', entry };
    } catch (error) {
      logger.warn({ error, id }, `The catalogue does not answer: ${messageOf(error)}`);
      return undefined;
    }
  };

  const record = async <Schema extends z.ZodType>(
    ref: ObjectRef,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> => {
    try {
      return (await readRecord(store, ref, schema))?.record;
    } catch (error) {
      if (codeOf(error) !== 'record.damaged') throw error;
      logger.error({ error, ref }, messageOf(error));
      return undefined;
    }
  };

  return async (id) => {
    const known = await inCatalogue(id);
    if (known) return known;
    const mosaic = await record(keys.mosaicRecord(id), mosaicRecordSchema);
    if (mosaic) return { state: 'published', entry: { mosaic } };
    const failure = await record(keys.failureRecord(id), failureRecordSchema);
    if (failure) return { state: 'failed', failure };
    const requested = await store.head(keys.requestRecord(id));
    return { state: requested ? 'waiting' : 'unknown' };
  };
}
export type Lookup = ReturnType<typeof createLookup>;
