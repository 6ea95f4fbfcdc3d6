import { codeOf, isPermanent, messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { wait } from '../wait';
import { pauseBefore, type XTimings } from './timings';

export interface RetryPorts {
  readonly timings: XTimings;
  readonly logger: Logger;
}

/**
 * Repeats the work until it succeeds, with growing pauses.
 *
 * @throws PermanentError as soon as one occurs; the signal's reason when it aborts.
 */
export async function retrying<T>(
  ports: RetryPorts,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (isPermanent(error)) throw error;
      await pauseAfter(error, attempt, ports, signal);
    }
  }
}

/** The pause after failed attempt `attempt` (counted from 0), at least as long as the error asks. */
export async function pauseAfter(
  error: unknown,
  attempt: number,
  { timings, logger }: RetryPorts,
  signal: AbortSignal,
): Promise<void> {
  const atLeastMs = error instanceof TransientError ? error.retryAfterMs : undefined;
  const pauseMs = pauseBefore(attempt, timings, atLeastMs);
  logger.warn(
    { code: codeOf(error), reason: messageOf(error), pauseMs },
    'X cannot be read now; trying again after a pause.',
  );
  await wait(pauseMs, signal);
}
