import {
  answerSchema,
  mosaicRequestSchema,
  objectRefSchema,
  photoIdSchema,
  photoSchema,
  publishedMosaicSchema,
  type ObjectRef,
} from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { ObjectNotFound, type ObjectStore, type PutOptions } from '@mosaicme/object-store';
import { z } from 'zod';

/** The JSON objects in the buckets from which everything can be rebuilt, each with its schema. */

/** Beside the photo of a request. */
export const requestRecordSchema = z.looseObject({
  request: mosaicRequestSchema,
  object: objectRefSchema,
});
export type RequestRecord = z.infer<typeof requestRecordSchema>;

/** Beside a raw photo. */
export const rawRecordSchema = z.looseObject({ photo: photoSchema, object: objectRefSchema });
export type RawRecord = z.infer<typeof rawRecordSchema>;

/** A request that was given up. */
export const failureRecordSchema = z.looseObject({
  id: photoIdSchema,
  queue: z.string(),
  code: z.string(),
  reason: z.string(),
  attempts: z.int().min(1),
  failedAt: z.iso.datetime(),
});
export type FailureRecord = z.infer<typeof failureRecordSchema>;

/**
 * Written before the network is asked for an answer, so that a second attempt knows of the first. Each
 * attempt takes it over by a conditional write, so that no two attempts are under way at once.
 */
export const answerIntentSchema = z.looseObject({
  id: photoIdSchema,
  /** When the latest attempt began. */
  intendedAt: z.iso.datetime(),
  /** When the first attempt began; absent in records of one attempt. */
  firstIntendedAt: z.iso.datetime().optional(),
  /**
   * `unknown`: the answer may have been posted. `not-posted`: it certainly was not. `parked`: it stays
   * unknown, because the network does not tell; an operator has to look.
   */
  outcome: z.enum(['unknown', 'not-posted', 'parked']).default('unknown'),
  reason: z.string().optional(),
});
export type AnswerIntent = z.infer<typeof answerIntentSchema>;

/** What became of the answer to a post. */
export const answerRecordSchema = z.looseObject({ id: photoIdSchema, answer: answerSchema });
export type AnswerRecord = z.infer<typeof answerRecordSchema>;

/** The record of a published mosaic. */
export const mosaicRecordSchema = publishedMosaicSchema;

/**
 * Writes a record as JSON.
 *
 * @throws PermanentError `record.invalid` when the record is not what the schema says.
 * @throws PreconditionFailed when `only` does not hold.
 */
export async function writeRecord<Schema extends z.ZodType>(
  store: ObjectStore,
  ref: ObjectRef,
  schema: Schema,
  record: z.input<Schema>,
  only?: PutOptions['only'],
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
  return store.put(ref, body, { contentType: 'application/json', ...(only && { only }) });
}

/**
 * Reads a record, undefined where there is none.
 *
 * @throws PermanentError `record.damaged` when the object is not what the schema says.
 */
export async function readRecord<Schema extends z.ZodType>(
  store: ObjectStore,
  ref: ObjectRef,
  schema: Schema,
): Promise<{ readonly record: z.output<Schema>; readonly etag: string } | undefined> {
  try {
    const { bytes, etag } = await store.get(ref);
    return { record: schema.parse(JSON.parse(new TextDecoder().decode(bytes))), etag };
  } catch (cause) {
    if (cause instanceof ObjectNotFound) return undefined;
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) {
      throw new PermanentError(
        'record.damaged',
        `The record '${ref.key}' in bucket '${ref.bucket}' is damaged: ${cause.message}`,
        { cause },
      );
    }
    throw cause;
  }
}
