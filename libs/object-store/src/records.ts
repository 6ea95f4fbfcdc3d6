import type { ObjectRef } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { z } from 'zod';
import { ObjectNotFound, PreconditionFailed, type ObjectStore, type PutOptions } from './port';

/** A JSON object in the store, with what a conditional write over it needs. */
export interface StoredRecord<Value> {
  readonly record: Value;
  readonly etag: string;
}

/**
 * Writes a record as JSON.
 *
 * @throws PermanentError `record.invalid` when the record is not what the schema says.
 * @throws PreconditionFailed when `only` does not hold.
 */
export async function writeRecord<Schema extends z.ZodType>(
  store: Pick<ObjectStore, 'put'>,
  ref: ObjectRef,
  schema: Schema,
  record: z.input<Schema>,
  options: Pick<PutOptions, 'only' | 'cacheControl'> = {},
): Promise<{ readonly etag: string }> {
  const checked = schema.safeParse(record);
  if (!checked.success) {
    throw new PermanentError(
      'record.invalid',
      `The record '${ref.key}' cannot be written: ${z.prettifyError(checked.error)}`,
      { cause: checked.error },
    );
  }
  const body = new TextEncoder().encode(JSON.stringify(checked.data));
  return store.put(ref, body, { contentType: 'application/json', ...options });
}

/**
 * Reads a record, undefined where there is none.
 *
 * @throws PermanentError `record.damaged` when the object is not what the schema says.
 */
export async function readRecord<Schema extends z.ZodType>(
  store: Pick<ObjectStore, 'get'>,
  ref: ObjectRef,
  schema: Schema,
): Promise<StoredRecord<z.output<Schema>> | undefined> {
  try {
    const { bytes, etag } = await store.get(ref);
    return { record: schema.parse(JSON.parse(new TextDecoder().decode(bytes))), etag };
  } catch (cause) {
    if (cause instanceof ObjectNotFound) return undefined;
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) {
      const what = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
      throw new PermanentError(
        'record.damaged',
        `The record '${ref.key}' in bucket '${ref.bucket}' is damaged: ${what}`,
        { cause },
      );
    }
    throw cause;
  }
}

/** Somebody else was faster that many times in a row: something is wrong. */
const maxAttempts = 100;

/**
 * Changes a record by compare-and-swap: when somebody else was faster, `change` is asked again with
 * what they wrote, so nothing of theirs is lost.
 *
 * @param change Gets undefined where there is no record. Returns the new one, or the same one when
 *   nothing is left to do.
 * @returns The record as it is stored now; undefined where there is none.
 * @throws PreconditionFailed after losing a hundred races in a row.
 */
export async function updateRecord<Schema extends z.ZodType>(
  store: Pick<ObjectStore, 'get' | 'put'>,
  ref: ObjectRef,
  schema: Schema,
  change: (current: z.output<Schema> | undefined) => z.output<Schema> | undefined,
): Promise<z.output<Schema> | undefined> {
  for (let attempt = 1; ; attempt++) {
    const found = await readRecord(store, ref, schema);
    const next = change(found?.record);
    if (next === undefined || next === found?.record) return found?.record;
    try {
      const only = found ? { etag: found.etag } : ({ absent: true } as const);
      await writeRecord(store, ref, schema, next as z.input<Schema>, { only });
      return next;
    } catch (error) {
      if (!(error instanceof PreconditionFailed) || attempt === maxAttempts) throw error;
    }
  }
}
