import { deadline, deferred } from '@mosaicme/async';
import type { EventEmitter } from 'node:events';

/** How an amqplib connection or channel ended, if it did. */
export interface Breakage {
  /** Resolves with the reason. */
  readonly broken: Promise<unknown>;
  isBroken(): boolean;
  /** Declares it broken for a reason that amqplib does not tell by an event. */
  fail(reason: unknown): void;
}

/**
 * Watches a connection or channel. It must be called before anything else is done with it: an `error`
 * event without a listener ends the process.
 */
export function watch(emitter: EventEmitter): Breakage {
  const { promise, resolve } = deferred<unknown>();
  let broken = false;
  let cause: unknown;
  const fail = (reason: unknown) => {
    broken = true;
    resolve(reason);
  };
  // amqplib says why with `error` and, right after it, that it is over with `close`.
  emitter.on('error', (error: unknown) => {
    cause ??= error;
  });
  emitter.on('close', (error?: unknown) => fail(cause ?? error ?? new Error('It was closed.')));
  return { broken: promise, isBroken: () => broken, fail };
}

const closeWithinMs = 5_000;

/**
 * Closes a connection or channel without ever throwing or hanging: amqplib waits for the server's
 * answer without limit, and for ever when the connection goes meanwhile.
 *
 * @returns True when it was closed in time.
 */
export async function closeQuietly(
  closable: EventEmitter & { close(): Promise<void> },
): Promise<boolean> {
  const closed = new Promise<unknown>((resolve) => {
    closable.once('close', resolve);
    // It rejects when it is closed already.
    closable.close().then(resolve, resolve);
  });
  return deadline(() => closed, { ms: closeWithinMs }).then(
    () => true,
    () => false,
  );
}
