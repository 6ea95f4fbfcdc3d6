import {
  answerSchema,
  eventDefinitions,
  failureStepSchema,
  mosaicRequestSchema,
  objectRefSchema,
  photoIdSchema,
  photoSchema,
  publishedMosaicSchema,
  campaignSlugSchema,
  revisionSchema,
} from '@mosaicme/contracts';
import { z } from 'zod';
import { decisionSchema } from './decisions';

/** The facts: JSON objects in the buckets from which everything can be rebuilt, each with its schema. */

/** Beside the photo of a request. */
export const requestRecordSchema = z.looseObject({
  request: mosaicRequestSchema,
  object: objectRefSchema,
});
export type RequestRecord = z.infer<typeof requestRecordSchema>;

/** Beside a raw photo. */
export const rawRecordSchema = z.looseObject({
  photo: photoSchema,
  object: objectRefSchema,
  /** The tile libraries that it is for. */
  libraries: z.array(campaignSlugSchema).min(1),
});
export type RawRecord = z.infer<typeof rawRecordSchema>;

/** A request or a raw photo that failed. */
export const failureRecordSchema = z.looseObject({
  id: photoIdSchema,
  step: failureStepSchema,
  code: z.string(),
  reason: z.string(),
  attempts: z.int().min(1),
  failedAt: z.iso.datetime(),
});
export type FailureRecord = z.infer<typeof failureRecordSchema>;

/** A drawing that waits for an approval: what the engine announced. */
export const heldRecordSchema = z.looseObject({
  id: photoIdSchema,
  rendered: eventDefinitions['mosaic.rendered.v1'].data,
  heldAt: z.iso.datetime(),
});
export type HeldRecord = z.infer<typeof heldRecordSchema>;

/** What was decided about a request or a raw photo, oldest first. */
export const decisionLogSchema = z.looseObject({
  subject: photoIdSchema,
  decisions: z.array(decisionSchema),
  /** What janitor did about them; absent until then. */
  outcome: z
    .looseObject({
      at: z.iso.datetime(),
      /** How many decisions it knew of. */
      decisions: z.int().min(1),
      /** What was deleted; nothing where it was not there, or not any more. */
      removed: z.array(z.enum(['request', 'mosaic', 'tile'])),
      /** Mosaics that are drawn anew because they used the photo, by the revision that goes. */
      redrawn: z.array(z.object({ id: photoIdSchema, revision: revisionSchema })),
    })
    .optional(),
});
export type DecisionOutcome = NonNullable<z.infer<typeof decisionLogSchema>['outcome']>;
export type DecisionLog = z.infer<typeof decisionLogSchema>;

/** What was decided about authors, oldest first; an author by `authorKey`. */
export const authorDecisionLogSchema = z.looseObject({
  decisions: z.array(decisionSchema.extend({ author: photoIdSchema, handle: z.string() })),
});
export type AuthorDecisionLog = z.infer<typeof authorDecisionLogSchema>;

/**
 * Written before the network is asked for an answer, so that a second attempt knows of the first. Each
 * attempt takes it over by a conditional write, so that no two attempts are in flight at once.
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
export const answerRecordSchema = z.looseObject({
  id: photoIdSchema,
  answer: answerSchema,
  /** What became of the answer when its mosaic was withdrawn. */
  withdrawal: z
    .looseObject({
      at: z.iso.datetime(),
      outcome: z.enum(['deleted', 'kept']),
      reason: z.string().optional(),
    })
    .optional(),
});
export type AnswerRecord = z.infer<typeof answerRecordSchema>;

/** The record of a published mosaic. */
export const mosaicRecordSchema = publishedMosaicSchema;
