import { retry } from '@mosaicme/async';
import { codeOf, messageOf } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { needsOperator } from '../faults';
import { createInbox } from '../inbox';
import type {
  FollowOptions,
  Network,
  NetworkId,
  NetworkLimits,
  PostRef,
  PostState,
  SocialEvent,
} from '../port';
import { createAnswering } from './answer';
import { createApi } from './api';
import { followTags } from './follow';
import { defaultMastodonLimits, limitsOf } from './limits';
import { toPost } from './statuses';
import { defaultMastodonTimings, type MastodonTimings } from './timings';

export interface MastodonNetworkOptions {
  /** Of the bot's server, for example `https://mastodon.social`. */
  readonly url: string;
  /** Of the bot's account, with the scopes read and write. */
  readonly accessToken: string;
  /** Posts that do not mention the bot are answered, too, where the server's rules allow that. */
  readonly answerAll?: boolean;
  readonly logger: Logger;
  /** Posts held for a slow reader; 500 unless given. */
  readonly bufferSize?: number;
  readonly timings?: Partial<MastodonTimings>;
}

/** One Mastodon server as a network, by its REST and its streaming API. */
export function createMastodonNetwork(options: MastodonNetworkOptions): Network {
  const { url, accessToken, answerAll = false } = options;
  const id: NetworkId = { name: 'mastodon', instance: new URL(url).host };
  const logger = options.logger.child({ network: 'mastodon', instance: id.instance });
  const timings = { ...defaultMastodonTimings, ...options.timings };
  const closing = new AbortController();
  const api = createApi({
    url,
    accessToken,
    requestMs: timings.requestMs,
    signal: closing.signal,
  });
  const me = once(() => api.me());
  const instance = once(() => api.instance());

  let limits: NetworkLimits = defaultMastodonLimits;
  const learnLimits = once(async () => {
    limits = limitsOf((await instance()).configuration);
    return limits;
  });

  async function* follow(task: FollowOptions): AsyncGenerator<SocialEvent> {
    const { hashtags, since, signal } = task;
    const stop = new AbortController();
    const stopped = AbortSignal.any([signal, closing.signal, stop.signal]);
    const inbox = createInbox({ capacity: options.bufferSize ?? 500, remembered: 20_000 });
    stopped.addEventListener('abort', () => inbox.end(), { once: true });
    if (stopped.aborted) return;

    const fill = async (): Promise<never> => {
      const { botId, streaming } = await retry(
        async () => ({ botId: (await me()).id, streaming: await streamingUrl() }),
        {
          limits: timings,
          signal: stopped,
          isFinal: needsOperator,
          onFailure: ({ error, pauseMs }) =>
            logger.warn(
              { code: codeOf(error), reason: messageOf(error), pauseMs },
              'The server cannot be reached now; trying again after a pause.',
            ),
        },
      );
      return followTags(
        {
          api,
          accessToken,
          inbox,
          timings,
          logger,
          toPost: (status) => toPost(status, { network: id, botId, hashtags, answerAll }),
        },
        { hashtags, since, streaming, signal: stopped },
      );
    };
    const filling = fill().catch((error: unknown) => {
      if (!stopped.aborted) inbox.end(error);
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

  /** Where the streaming API is, over HTTP; the server names it as a WebSocket. */
  async function streamingUrl(): Promise<URL> {
    await learnLimits();
    const { streaming } = (await instance()).configuration?.urls ?? {};
    return new URL((streaming ?? url).replace(/^ws/, 'http'));
  }

  async function* check(posts: readonly PostRef[]): AsyncGenerator<PostState> {
    const byLocalId = new Map<string, string>();
    for (const { id: postId, replyTo } of posts) {
      const localId = replyTo ?? /\/(\d+)$/.exec(postId)?.[1];
      if (localId === undefined) yield { id: postId, state: 'unknown' };
      else byLocalId.set(localId, postId);
    }
    for await (const { asked, found } of api.lookUp([...byLocalId.keys()])) {
      for (const localId of asked) {
        // A server does not tell what is deleted from what it hides.
        const state = found.has(localId) ? 'present' : 'gone';
        yield { id: byLocalId.get(localId) ?? '', state };
      }
    }
  }

  const answering = createAnswering({
    api,
    me,
    limits: learnLimits,
    toldLimits: () => limits,
    timings,
    signal: closing.signal,
  });

  return {
    id,
    get limits() {
      return limits;
    },
    follow,
    check,
    answer: answering.answer,
    findAnswer: answering.find,
    deleteAnswer: ({ postId }) => api.remove(postId),
    async close() {
      closing.abort();
    },
  };
}

/** Does the work once it succeeds; until then each call tries it anew. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    const current = known ?? work();
    known = current;
    current.catch(() => (known = undefined));
    return current;
  };
}
