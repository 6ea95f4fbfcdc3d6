import { abortable } from '@mosaicme/async';
import type { Logger } from '@mosaicme/service';
import type { FollowOptions, Network, PostedAnswer, SocialEvent } from '../port';
import { createAnswering } from './answer';
import { createBudget } from './backfill';
import { checkPosts } from './check';
import { createXClient, type Endpoint, type XClient, type XCredentials } from './client';
import { toXError } from './errors';
import { followQueries } from './follow';
import { createInbox } from '../inbox';
import { xLimits } from './limits';
import { findOwnAnswer } from './own-answers';
import { toPost, xInstance } from './posts';
import { deleteOwnPost } from './remove';
import { retrying } from './retry';
import { hashtagQueries } from './rules';
import { defaultXTimings, type XTimings } from './timings';

export type { XCredentials } from './client';

export interface XNetworkOptions {
  readonly credentials: XCredentials;
  /** The bot's account, with or without the leading @. */
  readonly username: string;
  /** Enterprise access: every post may be answered, not only those that mention or quote the bot. */
  readonly answerAll?: boolean;
  /**
   * 'stream' (default) brings posts at once, but an X app has one stream connection: a second collector
   * with the same credentials falls back to searching until the connection is free. 'search' polls.
   */
  readonly mode?: 'stream' | 'search';
  /** Missed posts read at most in `XTimings.backfillWindowMs`; 5,000 unless given. */
  readonly backfillPosts?: number;
  /** A local simulator instead of api.x.com. */
  readonly endpoint?: Endpoint;
  readonly logger: Logger;
  /** Posts held for a slow reader; 500 unless given. */
  readonly bufferSize?: number;
  readonly timings?: Partial<XTimings>;
}

/** X as a network, on API v2. */
export function createXNetwork(options: XNetworkOptions): Network {
  const { endpoint } = options;
  const logger = options.logger.child({ network: 'x' });
  const timings = { ...defaultXTimings, ...options.timings };
  const username = options.username.replace(/^@/, '');
  const client = createXClient({
    credentials: options.credentials,
    endpoint,
    idleMs: timings.idleMs,
    requestMs: timings.requestMs,
  });
  const webOrigin = endpoint ? `http://${endpoint.host}:${endpoint.port}` : 'https://x.com';
  const closing = new AbortController();

  let userId: string | undefined;
  let identifying: Promise<string> | undefined;
  const identity = (): Promise<string> => {
    const known = identifying ?? identify(client, username, logger, closing.signal);
    identifying = known;
    known.then(
      (id) => (userId = id),
      () => (identifying = undefined),
    );
    return known;
  };

  async function* follow(task: FollowOptions): AsyncGenerator<SocialEvent> {
    const { hashtags, name, since, signal } = task;
    const queries = hashtagQueries(hashtags);
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, closing.signal, stop.signal]);
    const inbox = createInbox({ capacity: options.bufferSize ?? 500, remembered: 20_000 });
    const finish = () => inbox.end();
    stopped.addEventListener('abort', finish, { once: true });
    if (stopped.aborted) return;

    const fill = () =>
      followQueries(
        {
          client,
          inbox,
          timings,
          logger,
          budget: createBudget(options.backfillPosts ?? 5_000, timings.backfillWindowMs),
          toPost: (tweet, includes) =>
            toPost(tweet, includes, {
              bot: { username, ...(userId !== undefined && { userId }) },
              hashtags,
              answerAll: options.answerAll ?? false,
              webOrigin,
            }),
        },
        {
          wanted: { queries, name, hashtags },
          since,
          mode: options.mode ?? 'stream',
          signal: stopped,
        },
      );
    // The name of the account is enough to follow; who it is must not be waited for, but a wrong access
    // token shows here first.
    const introduce = async () => {
      await retrying({ timings, logger }, stopped, identity);
      await abortable(new Promise<never>(() => {}), stopped);
    };
    const filling = Promise.race([fill(), introduce()]).catch((error: unknown) => {
      if (stopped.aborted) return;
      inbox.end(error);
      stop.abort(error);
    });
    try {
      for await (const event of inbox.events) {
        if (stopped.aborted) break;
        yield event;
      }
    } finally {
      stop.abort();
      await filling;
    }
  }

  const posted = (postId: string): PostedAnswer => ({
    postId,
    link: `${webOrigin}/${username}/status/${postId}`,
  });
  const postAnswer = createAnswering({
    client,
    logger,
    signal: closing.signal,
    processingMs: timings.processingMs,
  });

  return {
    id: { name: 'x', instance: xInstance },
    limits: xLimits,
    follow,
    check: (posts) =>
      checkPosts(
        client,
        posts.map(({ id }) => id),
        closing.signal,
      ),
    answer: async (request) => posted(await postAnswer(request)),
    async findAnswer(query) {
      const postId = await findOwnAnswer(client, { ...query, userId: await identity() });
      return postId === undefined ? undefined : posted(postId);
    },
    deleteAnswer: ({ postId }) => deleteOwnPost(client, postId),
    async close() {
      closing.abort();
      client.close();
    },
  };
}

/**
 * The id of the bot's account. A wrong credential shows here first.
 *
 * @throws AccountFault `x.unauthorized`; TransientError.
 */
async function identify(
  client: XClient,
  username: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { data } = await abortable(client.user.v2.me(), signal);
    if (data.username.toLowerCase() !== username.toLowerCase()) {
      logger.warn(
        { configured: username, actual: data.username },
        'The access token belongs to another account than TWITTER_USERNAME says.',
      );
    }
    return data.id;
  } catch (error) {
    signal.throwIfAborted();
    throw toXError(error, 'while reading who the bot is');
  }
}
