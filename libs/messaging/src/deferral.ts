import { headerNames, type Headers } from './trail';

/** The moment before which a message is not to be handled, undefined where it was not deferred. */
export function deferredUntil(headers: Headers | undefined): Date | undefined {
  const text = headers?.[headerNames.notBefore];
  const at = typeof text === 'string' ? new Date(text) : undefined;
  return at && Number.isFinite(at.getTime()) ? at : undefined;
}

/**
 * The retry queue in which a deferred message waits next: the longest pause that does not overshoot, so
 * that it arrives late by the shortest pause at most. 0 means that there are no retry queues.
 *
 * @param pausesMs In any order.
 */
export function pauseUntil(until: Date, now: Date, pausesMs: readonly number[]): number {
  if (pausesMs.length === 0) return 0;
  const leftMs = until.getTime() - now.getTime();
  const fitting = pausesMs.filter((pauseMs) => pauseMs <= leftMs);
  return fitting.length > 0 ? Math.max(...fitting) : Math.min(...pausesMs);
}

/** The headers of a copy that waits: what it went through, and the moment. */
export const deferralHeaders = (headers: Headers, until: Date): Headers => ({
  ...headers,
  [headerNames.notBefore]: until.toISOString(),
});
