import { runPeriodically, sleep } from '@mosaicme/async';
import type { ObjectRef } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { type ObjectStore, readRecord, writeRecord } from '@mosaicme/object-store';
import { waitFor, type Logger } from '@mosaicme/service';
import type { Network, SocialEvent } from '@mosaicme/social';
import { z } from 'zod';

const cursorSchema = z.looseObject({ since: z.string().min(1), savedAt: z.iso.datetime() });

export interface FollowPorts {
  readonly store: ObjectStore;
  readonly network: Network;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly ingest: (event: SocialEvent) => Promise<void>;
}

export interface FollowSettings {
  readonly hashtags: readonly string[];
  /** See `FollowOptions.name`. */
  readonly name: string;
  /** Where it is kept how far the collector has read. */
  readonly cursor: ObjectRef;
  /** Events in flight at the same time. */
  readonly atOnce: number;
}

export interface WantedSettings extends Pick<FollowSettings, 'name' | 'atOnce'> {
  /** The hashtags to be followed now; none where nothing is. */
  readonly wanted: () => Promise<readonly string[]>;
  /** Milliseconds between two looks at what is wanted. */
  readonly lookEveryMs: number;
  /** Where the cursor of a set of hashtags lies. */
  readonly cursorOf: (hashtags: readonly string[]) => ObjectRef;
}

/**
 * Follows what is wanted until the signal aborts. When that changes, it goes on with the new hashtags
 * where it was, so that a changed hashtag loses no post.
 */
export async function followWhatIsWanted(
  ports: FollowPorts,
  { wanted, lookEveryMs, cursorOf, ...settings }: WantedSettings,
): Promise<void> {
  const { signal, logger } = ports;
  let before: ObjectRef | undefined;
  while (!signal.aborted) {
    const hashtags = await waitFor('the campaigns', wanted, { logger, signal });
    if (hashtags.length === 0) {
      await sleep(lookEveryMs, signal).catch(() => undefined);
      continue;
    }
    const cursor = cursorOf(hashtags);
    if (before) await handCursorOver(ports, before, cursor);
    before = cursor;
    const changed = new AbortController();
    const stopLooking = runPeriodically(
      async () => {
        if ((await wanted()).join() !== hashtags.join()) changed.abort();
      },
      {
        everyMs: lookEveryMs,
        onError: (error) => logger.warn({ reason: messageOf(error) }, 'campaigns not read'),
      },
    );
    try {
      const until = AbortSignal.any([signal, changed.signal]);
      await followHashtags({ ...ports, signal: until }, { ...settings, hashtags, cursor });
      if (!until.aborted) return;
      logger.info({ network: ports.network.id }, 'the hashtags have changed');
    } catch (error) {
      if (!changed.signal.aborted || signal.aborted) throw error;
    } finally {
      await stopLooking();
    }
  }
}

/** Where the new hashtags were never followed, they are read from where the old ones were. */
async function handCursorOver(
  { store, logger, signal }: FollowPorts,
  from: ObjectRef,
  to: ObjectRef,
): Promise<void> {
  if (from.key === to.key) return;
  await waitFor(
    'the object store',
    async () => {
      const found = await readRecord(store, from, cursorSchema);
      if (!found || (await store.head(to))) return;
      await writeRecord(store, to, cursorSchema, found.record);
    },
    { logger, signal },
  );
}

/**
 * Follows the hashtags until the signal aborts. The cursor only moves to where an event says that it may
 * (`SocialEvent.resumeFrom`) when that event and all handed over before it are dealt with, so a collector
 * that dies reads the rest again.
 */
export async function followHashtags(ports: FollowPorts, settings: FollowSettings): Promise<void> {
  const { store, network, logger, signal } = ports;
  const { hashtags, name, atOnce, cursor } = settings;
  const saved = await waitFor('the object store', () => readRecord(store, cursor, cursorSchema), {
    logger,
    signal,
  });
  const since = saved?.record.since;
  logger.info({ hashtags, since, network: network.id }, 'follows');

  const inFlight: {
    readonly resumeFrom: string | undefined;
    done: boolean;
    promise: Promise<void>;
  }[] = [];
  const saver = createCursorSaver(store, cursor, logger);
  const advance = (): void => {
    let last: string | undefined;
    while (inFlight[0]?.done) last = inFlight.shift()?.resumeFrom ?? last;
    if (last !== undefined) saver.save(last);
  };

  try {
    for await (const event of network.follow({
      hashtags,
      name,
      ...(since !== undefined && { since }),
      signal,
    })) {
      const entry = { resumeFrom: event.resumeFrom, done: false, promise: Promise.resolve() };
      inFlight.push(entry);
      entry.promise = ports.ingest(event).then(
        () => {
          entry.done = true;
          advance();
        },
        (error: unknown) => {
          if (signal.aborted) return;
          // Whatever went wrong with one post must not stop the next one.
          logger.error({ error, post: nameOf(event) }, `post not ingested: ${messageOf(error)}`);
          entry.done = true;
          advance();
        },
      );
      if (inFlight.length >= atOnce) await inFlight[0]?.promise;
    }
  } finally {
    await Promise.all(inFlight.map(({ promise }) => promise));
    await saver.settled();
  }
}

const nameOf = (event: SocialEvent): string | undefined =>
  event.kind === 'withdrawn' ? event.postId : event.post.link;

/** Saves one cursor after the other; while one is on its way, only the newest of the others is kept. */
function createCursorSaver(store: ObjectStore, cursor: ObjectRef, logger: Logger) {
  let wanted: string | undefined;
  let saving: Promise<void> | undefined;
  const saveAll = async (): Promise<void> => {
    while (wanted !== undefined) {
      const since = wanted;
      wanted = undefined;
      try {
        const savedAt = new Date().toISOString();
        await writeRecord(store, cursor, cursorSchema, { since, savedAt });
      } catch (error) {
        logger.warn({ reason: messageOf(error) }, 'cursor not saved; posts may be read again');
      }
    }
    saving = undefined;
  };
  return {
    save(since: string): void {
      wanted = since;
      saving ??= saveAll();
    },
    settled: async (): Promise<void> => saving,
  };
}
