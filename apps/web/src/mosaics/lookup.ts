import type { CatalogueEntry } from '@mosaicme/catalogue';
import { objectKeys, publishedMosaicSchema, type ObjectRef } from '@mosaicme/contracts';
import { codeOf, messageOf } from '@mosaicme/errors';
import { z } from 'zod';
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

const failureSchema = z.looseObject({
  code: z.string(),
  reason: z.string(),
  failedAt: z.iso.datetime(),
});

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
      if (entry) return { state: 'published', entry };
      const failure = await catalogue.getFailure(id);
      return failure && { state: 'failed', failure };
    } catch (error) {
      logger.warn({ error, id }, `The catalogue does not answer: ${messageOf(error)}`);
      return undefined;
    }
  };

  const record = async <Schema extends z.ZodType>(
    ref: ObjectRef,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> => {
    try {
      const { bytes } = await store.get(ref);
      return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (error) {
      if (codeOf(error) === 'object.not-found') return undefined;
      if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
      logger.error({ error, ref }, 'A record in the store cannot be read.');
      return undefined;
    }
  };

  return async (id) => {
    const known = await inCatalogue(id);
    if (known) return known;
    const mosaic = await record(keys.mosaicRecord(id), publishedMosaicSchema);
    if (mosaic) return { state: 'published', entry: { mosaic } };
    const failure = await record(keys.failureRecord(id), failureSchema);
    if (failure) return { state: 'failed', failure };
    const requested = await store.head(keys.requestRecord(id));
    return { state: requested ? 'waiting' : 'unknown' };
  };
}
export type Lookup = ReturnType<typeof createLookup>;
