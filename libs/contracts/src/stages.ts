import { z } from 'zod';

/**
 * The work queues by the stage that reads them. The names of the first, second, third, fourth and sixth
 * come from the deployment guide; all can be configured.
 */
export const queueRoles = [
  'tiles',
  'prepare',
  'render',
  'publish',
  'answer',
  'catalogue',
  'janitor',
] as const;
export type QueueRole = (typeof queueRoles)[number];

/** Where a request or a raw photo can fail: when it is taken in, or at a stage. */
export const failureStepSchema = z.enum(['ingest', ...queueRoles]);
export type FailureStep = z.infer<typeof failureStepSchema>;
