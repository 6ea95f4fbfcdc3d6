import type { Logger } from '@mosaicme/service';
import type { FollowOptions, Network, Post, PostedAnswer } from '../port';
import { abortable } from '@mosaicme/async';
import { postAnswer } from './answer';
import { createXClient, type Endpoint, type XClient, type XCredentials } from './client';
import { toXError } from './errors';
import { followQuery } from './follow';
import { findOwnAnswer } from './own-answers';
import { createInbox } from './inbox';
import { toPost, type BotIdentity } from './posts';
import { retrying } from './retry';
import { hashtagQuery } from './rules';
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
  /**
   * Marks this client's stream rule among those of the app; rules with it and another query are removed.
   * Two clients of one app need different tags. Derived from the hashtags unless given.
   */
  readonly ruleTag?: string;
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
  });
  const webOrigin = endpoint ? `http://${endpoint.host}:${endpoint.port}` : 'https://x.com';
  const closing = new AbortController();

  async function* follow({ hashtags, since, signal }: FollowOptions): AsyncGenerator<Post> {
    const query = hashtagQuery(hashtags);
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, closing.signal, stop.signal]);
    const inbox = createInbox({ capacity: options.bufferSize ?? 500, remembered: 20_000 });
    const finish = () => inbox.end();
    stopped.addEventListener('abort', finish, { once: true });
    if (stopped.aborted) return;

    const fill = async () => {
      const bot = await retrying({ timings, logger }, stopped, () =>
        identify(client, username, logger, stopped),
      );
      const context = { bot, answerAll: options.answerAll ?? false, webOrigin };
      await followQuery(
        {
          client,
          inbox,
          timings,
          logger,
          toPost: (tweet, includes) => toPost(tweet, includes, context),
        },
        {
          query,
          since,
          ruleTag: options.ruleTag ?? `mosaicme:${hashtags.join(',').toLowerCase()}`,
          mode: options.mode ?? 'stream',
          signal: stopped,
        },
      );
    };
    const filling = fill().catch((error: unknown) => {
      if (!stopped.aborted) inbox.end(error);
    });
    try {
      for await (const post of inbox.posts) {
        if (stopped.aborted) return;
        yield post;
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
  let botId: Promise<string> | undefined;
  const knowBot = (): Promise<string> => {
    const known = botId ?? identify(client, username, logger, closing.signal).then(userIdOf);
    botId = known;
    known.catch(() => (botId = undefined));
    return known;
  };

  return {
    name: 'x',
    follow,
    async answer(request) {
      return posted(await postAnswer(client, request, logger));
    },
    async findAnswer(query) {
      const postId = await findOwnAnswer(client, { ...query, userId: await knowBot() });
      return postId === undefined ? undefined : posted(postId);
    },
    async close() {
      closing.abort();
      client.close();
    },
  };
}

const userIdOf = ({ userId }: Required<BotIdentity>): string => userId;

/**
 * The bot's account as X knows it. A wrong credential shows here first.
 *
 * @throws PermanentError `x.unauthorized`; TransientError.
 */
async function identify(
  client: XClient,
  username: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<Required<BotIdentity>> {
  try {
    const { data } = await abortable(client.user.v2.me(), signal);
    if (data.username.toLowerCase() !== username.toLowerCase()) {
      logger.warn(
        { configured: username, actual: data.username },
        'The access token belongs to another account than TWITTER_USERNAME says.',
      );
    }
    return { username, userId: data.id };
  } catch (error) {
    signal.throwIfAborted();
    throw toXError(error, 'while reading who the bot is');
  }
}
