import { isPermanent, TransientError } from '@mosaicme/errors';

/** What becomes of a message whose handling failed. */
export type RetryDecision =
  { readonly kind: 'retry'; readonly pauseMs: number } | { readonly kind: 'dead-letter' };

/**
 * Decides after a failure.
 *
 * @param error What was thrown. Permanent: dead-lettered at once. Anything else may be retried.
 * @param attempt The attempt that failed, counted from 1.
 * @param pausesMs Pauses before the second, third, … attempt, shortest first. When the error names a
 *   longer pause (`retryAfterMs`), the first one that is long enough is taken, or else the longest.
 */
export function decideRetry(
  error: unknown,
  attempt: number,
  pausesMs: readonly number[],
): RetryDecision {
  const remaining = pausesMs.slice(attempt - 1);
  const next = remaining[0];
  if (isPermanent(error) || next === undefined) return { kind: 'dead-letter' };
  const atLeastMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
  return {
    kind: 'retry',
    pauseMs: remaining.find((pauseMs) => pauseMs >= atLeastMs) ?? remaining.at(-1) ?? next,
  };
}

/**
 * The pause after the dead-letter hook itself failed: the message is retried without end, because
 * dead-lettering it unannounced would be a silent loss. 0 means that there are no retry queues.
 */
export function pauseAfterHookFailure(attempt: number, pausesMs: readonly number[]): number {
  return pausesMs[attempt - 1] ?? pausesMs.at(-1) ?? 0;
}
