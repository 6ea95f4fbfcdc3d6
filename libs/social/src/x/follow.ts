import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { codeOf, isPermanent } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { Post } from '../port';
import { abortable, backoffMs, sleep } from '@mosaicme/async';
import type { XClient } from './client';
import type { Inbox } from './inbox';
import { pauseAfter, retrying } from './retry';
import { idAtTime } from './ids';
import { createMark, searchRecent } from './search';
import { ensureRule, openStream } from './stream';
import { backoffLimits, type XTimings } from './timings';

export interface FollowPorts {
  readonly client: XClient;
  readonly inbox: Inbox;
  readonly toPost: (tweet: TweetV2, includes: ApiV2Includes | undefined) => Post | undefined;
  readonly timings: XTimings;
  readonly logger: Logger;
}

export interface FollowTask {
  readonly query: string;
  /** Marks our rule among those of the app. */
  readonly ruleTag: string;
  readonly since: string | undefined;
  readonly mode: 'stream' | 'search';
  readonly signal: AbortSignal;
}

/**
 * Fills the inbox until the signal aborts (then it rejects with the signal's reason).
 *
 * The stream brings posts at once but loses what was posted while it was down, so each connection is
 * followed by a search for what was missed; and by a second one later, because search learns of posts
 * late. Without a stream (mode 'search', or another client holds the app's only connection) the search
 * is repeated.
 *
 * @throws PermanentError when X refuses for good.
 */
export async function followQuery(ports: FollowPorts, task: FollowTask): Promise<never> {
  const { client, inbox, toPost, timings, logger } = ports;
  const { query, signal } = task;
  const mark = createMark(task.since, timings.searchLagMs);
  const read = (tweet: TweetV2, includes: ApiV2Includes | undefined): Post | undefined => {
    const post = toPost(tweet, includes);
    const resumeFrom = mark.searchFrom();
    return post && (resumeFrom === undefined ? post : { ...post, resumeFrom });
  };

  /** Reads all since the mark, and moves the mark. */
  const readMissed = (during: AbortSignal) =>
    retrying(ports, during, async () => {
      const since = mark.searchFrom();
      const startedAt = new Date();
      const found = await searchRecent(client, { query, since, logger, signal: during });
      for (const { tweet, includes } of found) {
        await inbox.put(tweet.id, () => read(tweet, includes), during);
        mark.advance(tweet.id);
      }
      // At the very first start there may be no post yet, and those to come must not be lost.
      if (since === undefined) mark.advance(idAtTime(startedAt));
    });

  const searchFor = async (ms: number) => {
    const until = Date.now() + ms;
    do {
      await readMissed(signal);
      await sleep(timings.searchIntervalMs, signal);
    } while (Date.now() < until);
  };

  /** One stream connection from its start to its end. @returns why it ended. */
  const streamOnce = async (): Promise<string> => {
    const session = new AbortController();
    const during = AbortSignal.any([signal, session.signal]);
    const own = await ensureRule(client, { value: query, tag: task.ruleTag }, signal);
    let complete = false;
    let overflowed = (): void => {};
    const stream = await openStream(client, {
      keepAliveMs: timings.keepAliveMs,
      signal,
      onPost: ({ data, includes, matching_rules: rules }) => {
        if (rules && !rules.some(({ id }) => own.has(String(id)))) return;
        const taken = inbox.offer(data.id, () => read(data, includes));
        if (taken && complete) mark.advance(data.id);
        if (!taken) overflowed();
      },
      onAnomaly: (what, error) => logger.warn({ error }, what),
    });
    try {
      logger.info({ query }, 'Connected to the filtered stream.');
      const keepComplete = async (): Promise<never> => {
        await readMissed(during);
        await sleep(timings.searchLagMs, during);
        for (;;) {
          let overflowing = false;
          const overflow = new Promise<void>((fulfil) => {
            overflowed = () => {
              complete = false;
              overflowing = true;
              fulfil();
            };
          });
          await readMissed(during);
          complete = !overflowing;
          logger.debug({ query }, 'Read all that was missed.');
          await abortable(overflow, during);
          logger.warn(
            { query },
            'Posts come faster than they are taken; the rest is searched later.',
          );
          await inbox.space(during);
        }
      };
      return await Promise.race([abortable(stream.ended, signal), keepComplete()]);
    } finally {
      session.abort(new Error('The stream session is over.'));
      stream.close();
    }
  };

  if (task.mode === 'search') {
    logger.info({ query, everyMs: timings.searchIntervalMs }, 'Searching instead of streaming.');
    await searchFor(Infinity);
  }
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const startedAt = Date.now();
    try {
      const reason = await streamOnce();
      // A server that accepts and closes at once must not be asked every second for ever.
      if (Date.now() - startedAt > timings.keepAliveMs) attempt = 0;
      logger.warn({ query, reason }, 'The filtered stream ended; reconnecting.');
      await sleep(backoffMs(attempt, backoffLimits(timings)), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isPermanent(error)) throw error;
      if (codeOf(error) === 'x.too-many-connections') {
        logger.warn(
          { query, everyMs: timings.searchIntervalMs, retryMs: timings.streamRetryMs },
          'Another client holds the only stream connection of this X app. Searching meanwhile; ' +
            "set the mode 'search' if that client is meant to keep it.",
        );
        await searchFor(timings.streamRetryMs);
      } else {
        await pauseAfter(error, attempt, ports, signal);
      }
    }
  }
}
