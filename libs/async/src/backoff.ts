/** The bounds between which pauses grow. */
export interface BackoffLimits {
  /** Upper bound of the first pause, in milliseconds; each further one doubles it. */
  readonly firstMs: number;
  /** Upper bound of all pauses, in milliseconds. */
  readonly longestMs: number;
}

export interface BackoffOptions {
  /** Milliseconds before which an attempt is known to be useless, as of `Retry-After`. */
  readonly atLeastMs?: number | undefined;
  /** Uniform numbers of [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * The pause after a failed attempt: exponential backoff with full jitter, so that many clients of a
 * server that was away do not all come back at the same moment (Marc Brooker, 'Exponential Backoff And
 * Jitter', AWS Architecture Blog, 2015).
 *
 * @param attempt How many attempts failed before this one, from 0.
 * @returns Milliseconds: uniform between 0 and `firstMs * 2^attempt`, at most `longestMs`. Never less
 * than `atLeastMs`; what exceeds it is spread as well, over `firstMs` at least.
 */
export function backoffMs(
  attempt: number,
  { firstMs, longestMs }: BackoffLimits,
  { atLeastMs = 0, random = Math.random }: BackoffOptions = {},
): number {
  const share = random();
  // 2^attempt is infinite in the end, and 0 times infinity is no number.
  const jittered = share * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 60));
  return atLeastMs > 0 ? Math.max(jittered, atLeastMs + share * firstMs) : jittered;
}
