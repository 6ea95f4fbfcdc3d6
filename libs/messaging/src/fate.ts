import { isPermanent, TransientError } from '@mosaicme/errors';

/** What becomes of a message whose handling failed. */
export type Fate = { readonly kind: 'retry'; readonly pauseMs: number } | { readonly kind: 'dead' };

/**
 * Decides after a failure.
 *
 * @param error What was thrown. Permanent: dead at once. Anything else may be tried again.
 * @param attempt The attempt that failed, counted from 1.
 * @param pausesMs Pauses before the second, third, … attempt, shortest first. When the error names a
 *   longer pause (`retryAfterMs`), the first one that is long enough is taken, or else the longest.
 */
export function fateAfterFailure(
  error: unknown,
  attempt: number,
  pausesMs: readonly number[],
): Fate {
  const remaining = pausesMs.slice(attempt - 1);
  const next = remaining[0];
  if (isPermanent(error) || next === undefined) return { kind: 'dead' };
  const atLeastMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
  return {
    kind: 'retry',
    pauseMs: remaining.find((pauseMs) => pauseMs >= atLeastMs) ?? remaining.at(-1) ?? next,
  };
}

/**
 * The pause after the dead-letter hook itself failed: the message waits and comes again, without end,
 * because giving it up unannounced would be a silent loss. 0 means that there are no waiting rooms.
 */
export function pauseAfterHookFailure(attempt: number, pausesMs: readonly number[]): number {
  return pausesMs[attempt - 1] ?? pausesMs.at(-1) ?? 0;
}
