import { abortable, backoffMs, deferred, sleep } from '@mosaicme/async';
import type { Logger } from '@mosaicme/service';
import { closedError } from '../checks';

/** Something that is open until it breaks by itself or is closed: a connection, a channel. */
export interface Breakable {
  /** Resolves with the reason when it breaks; never rejects. */
  readonly broken: Promise<unknown>;
  /** Closes it, broken or not. Never rejects. */
  close(): Promise<void>;
}

/** Keeps one thing open. */
export interface Supervised<Thing> {
  /** The thing, while it is open. */
  current(): Thing | undefined;
  /**
   * Waits for the thing.
   *
   * @param signal Ends the waiting; rejects with its reason.
   * @throws TransientError `messaging.closed` once stopped.
   */
  get(signal?: AbortSignal): Promise<Thing>;
  /** Closes the thing for good. */
  stop(): Promise<void>;
}

export interface SuperviseOptions<Thing> {
  /** For the log, as in 'Waiting for the …'. */
  readonly what: string;
  readonly open: (signal: AbortSignal) => Promise<Thing>;
  readonly logger: Logger;
  readonly onOpen?: (thing: Thing) => void;
}

const pauseLimits = { firstMs: 100, longestMs: 5_000 };
/** What lives this long is taken to be sound, and the pauses begin anew. */
const soundAfterMs = 10_000;

/**
 * Opens a thing and opens it again whenever it breaks, with backoff and jitter, until stopped.
 *
 * This is used instead of amqplib's own `recovery` option (2.3), which covers the connection only: a
 * channel that the server closes (406) and a consumer that it cancels stay dead. While its `setup`
 * runs, nothing listens to the connection's `error` event, which then kills the process; and after a
 * failed set-up it waits without limit for the server's answer to `close`. One loop for connection and
 * channels alike is less code than the two together.
 */
export function supervise<Thing extends Breakable>(
  options: SuperviseOptions<Thing>,
): Supervised<Thing> {
  const { what, open, logger, onOpen } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let current: Thing | undefined;
  let up = deferred<Thing>();

  const openUnlessStopped = () => {
    const opening = open(signal);
    // What opens too late is closed.
    opening.then(
      async (late) => {
        if (signal.aborted) await late.close();
      },
      () => {},
    );
    return abortable(opening, signal);
  };

  /** @returns Why it broke. */
  const live = async (thing: Thing): Promise<unknown> => {
    current = thing;
    up.resolve(thing);
    onOpen?.(thing);
    try {
      return await abortable(thing.broken, signal);
    } finally {
      current = undefined;
      up = deferred();
      await thing.close();
    }
  };

  const keepOpen = async () => {
    let attempt = 0;
    while (!signal.aborted) {
      let soundAt = Infinity;
      let error: unknown;
      try {
        const thing = await openUnlessStopped();
        soundAt = Date.now() + soundAfterMs;
        error = await live(thing);
      } catch (failure) {
        error = failure;
      }
      if (signal.aborted) return;
      // Only what was sound for a while begins anew: else a thing that breaks as soon as it opens
      // would be opened in a hot loop.
      if (Date.now() >= soundAt) attempt = 0;
      const pauseMs = backoffMs(attempt++, pauseLimits);
      logger.warn({ what, error, pauseMs }, `Waiting for the ${what}.`);
      await sleep(pauseMs, signal).catch(() => {});
    }
  };

  const ended = keepOpen();

  return {
    current: () => current,
    async get(waiting) {
      return current ?? (waiting ? abortable(up.promise, waiting) : up.promise);
    },
    async stop() {
      stopping.abort(closedError());
      await ended;
      up.reject(closedError());
    },
  };
}
