import { TransientError } from '@mosaicme/errors';
import { abortable } from './abortable';

export interface DeadlineOptions {
  /** The limit in milliseconds. */
  readonly ms: number;
  /** Ends the waiting earlier. */
  readonly signal?: AbortSignal;
  /** What to throw at the limit. Default: a TransientError `deadline`. */
  readonly tooLate?: (ms: number) => Error;
}

/**
 * Gives work so much time and no more. The work hears by its signal that nobody waits any longer; work
 * that does not listen goes on, and its outcome is ignored. The timer never outlives the work.
 *
 * @throws What the work throws; the error of `tooLate` at the limit; the reason of `signal` when it aborts.
 */
export async function deadline<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
  { ms, signal, tooLate = noAnswer }: DeadlineOptions,
): Promise<Value> {
  signal?.throwIfAborted();
  // Not `AbortSignal.any`: a signal that lives as long as the process would keep each of its followers.
  const ending = new AbortController();
  const onAbort = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => ending.abort(tooLate(ms)), ms);
  try {
    return await abortable(work(ending.signal), ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const noAnswer = (ms: number): Error =>
  new TransientError('deadline', `There was no answer within ${ms} ms.`);
