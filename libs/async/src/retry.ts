import { isPermanent, TransientError } from '@mosaicme/errors';
import { backoffMs, type BackoffLimits } from './backoff';
import { sleep } from './sleep';

/** A failed attempt after which there will be another one. */
export interface FailedAttempt {
  readonly error: unknown;
  /** How many attempts failed before this one, from 0. */
  readonly attempt: number;
  /** The pause that follows, in milliseconds. */
  readonly pauseMs: number;
}

export interface RetryOptions {
  readonly limits: BackoffLimits;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  /** Attempts altogether. Default: without end. */
  readonly maxAttempts?: number;
  /** Errors after which no further attempt is made. Default: permanent ones. */
  readonly isFinal?: (error: unknown) => boolean;
  /** Hears of every failure that is followed by another attempt. */
  readonly onFailure?: (failed: FailedAttempt) => void;
  /** Uniform numbers of [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Repeats the work until it succeeds, with backoff and jitter. A `TransientError` that says how long a
 * retry is useless is obeyed.
 *
 * @throws An error that is final as soon as one occurs; the last error after `maxAttempts`; the signal's reason
 * when it aborts, at once in a pause, else when the running attempt has failed.
 */
export async function retry<Value>(
  work: () => Promise<Value>,
  {
    limits,
    signal,
    maxAttempts = Infinity,
    isFinal = isPermanent,
    onFailure,
    random,
  }: RetryOptions,
): Promise<Value> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error) || attempt + 1 >= maxAttempts) throw error;
      const atLeastMs = error instanceof TransientError ? error.retryAfterMs : undefined;
      const pauseMs = backoffMs(attempt, limits, { atLeastMs, ...(random && { random }) });
      onFailure?.({ error, attempt, pauseMs });
      await sleep(pauseMs, signal);
    }
  }
}
