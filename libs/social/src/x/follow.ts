import { abortable, backoffMs, sleep } from '@mosaicme/async';
import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { codeOf, messageOf } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { Post, SocialEvent } from '../port';
import { readSince, type Budget } from './backfill';
import type { XClient } from './client';
import { needsOperator } from '../faults';
import { idAtTime } from './ids';
import type { Inbox } from '../inbox';
import { pauseAfter } from './retry';
import type { WantedRules } from './rules';
import { createMark } from './search';
import { ensureRules, openStream, type OpenStream } from './stream';
import { backoffLimits, type XTimings } from './timings';

export interface FollowPorts {
  readonly client: XClient;
  readonly inbox: Inbox;
  readonly toPost: (tweet: TweetV2, includes: ApiV2Includes | undefined) => Post | undefined;
  readonly budget: Budget;
  readonly timings: XTimings;
  readonly logger: Logger;
}

export interface FollowTask {
  readonly wanted: WantedRules;
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
 * @throws PermanentError, AccountFault when X refuses.
 */
export async function followQueries(ports: FollowPorts, task: FollowTask): Promise<never> {
  const { client, inbox, toPost, timings, logger } = ports;
  const { wanted, signal } = task;
  const { queries } = wanted;
  const mark = createMark(task.since, timings.searchLagMs);
  const read = (tweet: TweetV2, includes: ApiV2Includes | undefined): SocialEvent | undefined => {
    try {
      const post = toPost(tweet, includes);
      if (!post) return undefined;
      const kind = post.id === tweet.id ? 'post' : 'edited';
      const resumeFrom = mark.searchFrom();
      return { kind, post, ...(resumeFrom !== undefined && { resumeFrom }) };
    } catch (error) {
      // A post that X describes in an unknown way must not stop the others.
      logger.warn({ id: tweet.id, reason: messageOf(error) }, 'A post was skipped: unknown form.');
      return undefined;
    }
  };

  /** Reads all since the mark, and moves the mark, never past a post that was not read. */
  const readMissed = async (during: AbortSignal) => {
    const since = mark.searchFrom();
    const startedAt = new Date();
    const late: string[] = [];
    for await (const { tweet, includes, ordered } of readSince(ports, {
      queries,
      since,
      signal: during,
    })) {
      await inbox.put(tweet.id, () => read(tweet, includes), during);
      if (ordered) mark.advance(tweet.id);
      else late.push(tweet.id);
    }
    for (const id of late) mark.advance(id);
    // At the very first start there may be no post yet, and those to come must not be lost.
    if (since === undefined) mark.advance(idAtTime(startedAt));
  };

  const searchFor = async (ms: number) => {
    const until = Date.now() + ms;
    do {
      await readMissed(signal);
      await sleep(timings.searchIntervalMs, signal);
    } while (Date.now() < until);
  };

  /**
   * Rules change only once the stream is ours: before, they are what another client listens by. Where the
   * app has none at all, X opens no stream, and nobody can be listening.
   */
  const connect = async (options: Parameters<typeof openStream>[1]): Promise<OpenStream> => {
    try {
      return await openStream(client, options);
    } catch (error) {
      if (codeOf(error) !== 'x.no-rules') throw error;
      await ensureRules(client, wanted, signal);
      return openStream(client, options);
    }
  };

  /** One stream connection from its start to its end. @returns why it ended. */
  const streamOnce = async (): Promise<string> => {
    const session = new AbortController();
    const during = AbortSignal.any([signal, session.signal]);
    let own: ReadonlySet<string> | undefined;
    let complete = false;
    let overflowed = (): void => {};
    const stream = await connect({
      keepAliveMs: timings.keepAliveMs,
      signal,
      onPost: ({ data, includes, matching_rules: rules }) => {
        if (!isTweet(data)) {
          logger.warn({ queries }, 'The stream carried something that is no post; skipped.');
          return;
        }
        if (own && rules && !rules.some(({ id }) => own?.has(String(id)))) return;
        const taken = inbox.offer(data.id, () => read(data, includes));
        if (taken && complete) mark.advance(data.id);
        if (!taken) overflowed();
      },
      onAnomaly: (what, error) => logger.warn({ error }, what),
    });
    try {
      own = await ensureRules(client, wanted, signal);
      logger.info({ queries }, 'Connected to the filtered stream.');
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
          logger.debug({ queries }, 'Read all that was missed.');
          await abortable(overflow, during);
          logger.warn(
            { queries },
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
    logger.info({ queries, everyMs: timings.searchIntervalMs }, 'Searching instead of streaming.');
    await searchFor(Infinity);
  }
  let occupied = 0;
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const startedAt = Date.now();
    try {
      const reason = await streamOnce();
      occupied = 0;
      // A server that accepts and closes at once must not be asked every second for ever.
      if (Date.now() - startedAt > timings.keepAliveMs) attempt = 0;
      logger.warn({ queries, reason }, 'The filtered stream ended; reconnecting.');
      await sleep(backoffMs(attempt, backoffLimits(timings)), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (needsOperator(error)) throw error;
      if (codeOf(error) !== 'x.too-many-connections') {
        await pauseAfter(error, attempt, ports, signal);
        continue;
      }
      // Our own connection that was cut, most likely: X takes some seconds to free it.
      const pauseMs = timings.occupiedPausesMs[occupied++];
      if (pauseMs !== undefined) {
        logger.info({ queries, pauseMs }, 'The only stream connection is still held.');
        await sleep(pauseMs, signal);
        continue;
      }
      logger.warn(
        { queries, everyMs: timings.searchIntervalMs, retryMs: timings.streamRetryMs },
        'Another client holds the only stream connection of this X app. Searching meanwhile; ' +
          "set the mode 'search' if that client is meant to keep it.",
      );
      await searchFor(timings.streamRetryMs);
    }
  }
}

/** Whatever comes, only what has an id of X's kind is a post. */
const isTweet = (data: unknown): data is TweetV2 =>
  typeof data === 'object' && data !== null && 'id' in data && /^\d{1,20}$/.test(String(data.id));
