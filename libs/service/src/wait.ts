import { isPermanent, messageOf } from '@mosaicme/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger';

export interface WaitOptions {
  readonly logger: Logger;
  /** Ends the waiting; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** First pause in milliseconds; it doubles up to `maxPauseMs`. */
  readonly pauseMs?: number;
  readonly maxPauseMs?: number;
}

/**
 * Tries until it works: how an app waits for a server that is not there yet. It says so when the
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
  for (let pause = pauseMs; ; pause = Math.min(pause * 2, maxPauseMs)) {
    signal.throwIfAborted();
    try {
      const value = await attempt();
      if (reason !== undefined) logger.info({ what }, `${what} is there now`);
      return value;
    } catch (error) {
      if (isPermanent(error)) throw error;
      if (messageOf(error) !== reason) {
        reason = messageOf(error);
        logger.warn({ what, reason }, `waiting for ${what}: ${reason}`);
      }
    }
    await sleep(pause, undefined, { signal });
  }
}
