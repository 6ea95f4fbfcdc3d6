import { sleep } from './sleep';

export interface PeriodicOptions {
  /** Milliseconds from one start to the next. Starts that a long run covers are left out. */
  readonly everyMs: number;
  /** Hears of every failed run. The next one comes at its time all the same. */
  readonly onError: (error: unknown) => void;
  /** Ends it, like `stop`, without waiting for the running task. */
  readonly signal?: AbortSignal;
  /** Runs the task for the first time at once and not after `everyMs`. Default false. */
  readonly immediately?: boolean;
  /** Up to so large a part of `everyMs` is added to each pause at random, from 0 to 1. Default 0. */
  readonly jitter?: number;
  /** Uniform numbers of [0, 1) for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** Ends periodic work. Resolves when the running task, if there is one, has ended. */
export type StopPeriodic = () => Promise<void>;

/**
 * Runs a task again and again, never twice at once.
 *
 * @param task Its signal aborts when the periodic work is ended; a task need not listen.
 */
export function runPeriodically(
  task: (signal: AbortSignal) => Promise<void> | void,
  options: PeriodicOptions,
): StopPeriodic {
  const { everyMs, onError, immediately = false, jitter = 0, random = Math.random } = options;
  const stopping = new AbortController();
  const signal = options.signal
    ? AbortSignal.any([options.signal, stopping.signal])
    : stopping.signal;

  const run = async (): Promise<void> => {
    try {
      await task(signal);
    } catch (error) {
      onError(error);
    }
  };
  const keepRunning = async (): Promise<void> => {
    let nextAt = performance.now();
    if (immediately && !signal.aborted) await run();
    for (;;) {
      // From start to start and not from timer to timer, which may fire a fraction too early.
      do nextAt += everyMs;
      while (nextAt <= performance.now());
      await sleep(nextAt - performance.now() + random() * jitter * everyMs, signal);
      await run();
    }
  };
  const ended = keepRunning().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

  return async () => {
    stopping.abort();
    await ended;
  };
}
