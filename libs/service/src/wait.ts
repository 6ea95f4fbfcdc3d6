import { retry } from '@mosaicme/async';
import { messageOf } from '@mosaicme/errors';
import type { Logger } from './logger';

export interface WaitOptions {
  readonly logger: Logger;
  /** Ends the waiting; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Upper bound of the first pause, in milliseconds; it doubles up to `maxPauseMs`. */
  readonly pauseMs?: number;
  readonly maxPauseMs?: number;
}

/**
 * Tries until it works, with backoff and jitter: how an app waits for a server that is not there yet. It says so when the
 * waiting begins, again each time the reason changes, and when it is over.
 *
 * @throws PermanentError at once, because waiting would not help.
 */
export async function waitFor<Value>(
  what: string,
  attempt: () => Promise<Value>,
  { logger, signal, pauseMs = 200, maxPauseMs = 5_000 }: WaitOptions,
): Promise<Value> {
  let reason: string | undefined;
  const value = await retry(attempt, {
    limits: { firstMs: pauseMs, longestMs: maxPauseMs },
    signal,
    onFailure: ({ error }) => {
      if (messageOf(error) === reason) return;
      reason = messageOf(error);
      logger.warn({ what, reason }, `waiting for ${what}: ${reason}`);
    },
  });
  if (reason !== undefined) logger.info({ what }, `${what} is there now`);
  return value;
}
