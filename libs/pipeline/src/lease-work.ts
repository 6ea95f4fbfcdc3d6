import { runPeriodically } from '@mosaicme/async';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { createLease } from '@mosaicme/object-store';
import { createStopList, type StopList } from '@mosaicme/service';
import { randomUUID } from 'node:crypto';
import type { PipelineContext } from './app';

export interface LeaseWorkOptions {
  /** Of the lease; see `ObjectKeys.lease`. */
  readonly name: string;
  /** After this time another process takes over from one that died, in milliseconds. 15,000 unless given. */
  readonly ttlMs?: number;
}

const defaultTtlMs = 15_000;

/** Work in the making or at work. */
interface Holding {
  readonly lost: AbortController;
  readonly stops: StopList;
  /** Resolves when the beginning succeeded, or failed. */
  readonly running: Promise<void>;
}

/**
 * Runs work in one of several processes: it begins when this process acquires the lease, ends when it
 * loses the lease, and begins anew when it acquires it again. Meanwhile the others stand by. Work that was
 * in flight when the lease was lost may still end beside that of the next process, so it has to be
 * idempotent all the same.
 *
 * @param work Gets a context whose `signal` and `onStop` end with the lease.
 */
export function workUnderLease(
  context: PipelineContext,
  { name, ttlMs = defaultTtlMs }: LeaseWorkOptions,
  work: (held: PipelineContext) => Promise<void>,
): void {
  const { app, instance, store, keys, logger, signal, onStop, fail } = context;
  const lease = createLease({
    store,
    ref: keys.lease(name),
    // Two containers may have been given the same name.
    holder: `${app} ${instance} ${randomUUID()}`,
    ttlMs,
  });
  let holding: Holding | undefined;
  /** Resolves when all former work has ended. */
  let ending: Promise<void> = Promise.resolve();

  const begin = (): Holding => {
    const lost = new AbortController();
    const stops = createStopList(logger);
    const held = {
      ...context,
      signal: AbortSignal.any([signal, lost.signal]),
      onStop: (what: string, close: () => Promise<void> | void) => stops.add(what, close),
    };
    const run = async (): Promise<void> => {
      try {
        await work(held);
      } catch (error) {
        if (held.signal.aborted) return;
        if (isPermanent(error)) return fail(error);
        logger.warn({ lease: name, reason: messageOf(error) }, 'could not begin; tries again');
        if (holding === begun) endWork();
      }
    };
    const begun = { lost, stops, running: ending.then(run) };
    return begun;
  };
  const endWork = (): void => {
    const last = holding;
    holding = undefined;
    if (!last) return;
    last.lost.abort();
    ending = last.running.then(() => last.stops.close());
  };

  const stop = runPeriodically(
    async () => {
      try {
        await lease.acquire();
      } finally {
        if (lease.isHeld() && !holding) {
          logger.info({ lease: name }, 'holds the lease and begins its work');
          holding = begin();
        } else if (!lease.isHeld() && holding) {
          logger.warn({ lease: name }, 'lost the lease and ends its work');
          endWork();
        }
      }
    },
    {
      everyMs: ttlMs / 3,
      immediately: true,
      onError: (error) =>
        logger.warn({ lease: name, reason: messageOf(error) }, 'could not look after the lease'),
    },
  );
  onStop(`lease ${name}`, async () => {
    await stop();
    endWork();
    await ending;
    await lease.release();
  });
}
