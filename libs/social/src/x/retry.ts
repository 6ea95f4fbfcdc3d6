import { backoffMs, retry, sleep } from '@mosaicme/async';
import { codeOf, messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { needsOperator } from '../faults';
import { backoffLimits, type XTimings } from './timings';

export interface RetryPorts {
  readonly timings: XTimings;
  readonly logger: Logger;
}

/**
 * Repeats the work until it succeeds, with backoff and jitter.
 *
 * @throws PermanentError, AccountFault as soon as one occurs; the signal's reason when it aborts.
 */
export function retrying<T>(
  { timings, logger }: RetryPorts,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  return retry(work, {
    limits: backoffLimits(timings),
    signal,
    isFinal: needsOperator,
    onFailure: ({ error, pauseMs }) => warnOf(error, pauseMs, logger),
  });
}

/** The pause after failed attempt `attempt` (counted from 0), at least as long as the error asks. */
export async function pauseAfter(
  error: unknown,
  attempt: number,
  { timings, logger }: RetryPorts,
  signal: AbortSignal,
): Promise<void> {
  const atLeastMs = error instanceof TransientError ? error.retryAfterMs : undefined;
  const pauseMs = backoffMs(attempt, backoffLimits(timings), { atLeastMs });
  warnOf(error, pauseMs, logger);
  await sleep(pauseMs, signal);
}

function warnOf(error: unknown, pauseMs: number, logger: Logger): void {
  logger.warn(
    { code: codeOf(error), reason: messageOf(error), pauseMs },
    'X cannot be read now; trying again after a pause.',
  );
}
