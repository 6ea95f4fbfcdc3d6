import { abortable, backoffMs, sleep } from '@mosaicme/async';
import { codeOf, messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { needsOperator } from '../faults';
import type { Inbox } from '../inbox';
import type { Post, SocialEvent } from '../port';
import type { MastodonApi } from './api';
import { idBefore, laterId, timeOfId } from './ids';
import { camelKeys, statusSchema, type Status } from './statuses';
import { openStream, type StreamEvent } from './streaming';
import type { MastodonTimings } from './timings';

/** Statuses whose local ids are remembered, so that a deletion can name the post. */
const remembered = 50_000;

export interface FollowPorts {
  readonly api: MastodonApi;
  readonly accessToken: string;
  readonly inbox: Inbox;
  readonly toPost: (status: Status) => Post | undefined;
  readonly timings: MastodonTimings;
  readonly logger: Logger;
}

export interface FollowTask {
  readonly hashtags: readonly string[];
  /** Id of a status. */
  readonly since: string | undefined;
  /** Base of the streaming API. */
  readonly streaming: URL;
  readonly signal: AbortSignal;
}

/**
 * Fills the inbox until the signal aborts (then it rejects with the signal's reason).
 *
 * A server streams the posts with a tag that it knows. Those of other servers may be unknown to it, but a
 * mention of the bot always reaches the bot's own server, so the notifications are followed, too. Streams
 * lose what was posted while they were down; so each connection is followed by a look back, and by a
 * second one a little later, because a stream may begin a moment after the server says that it does.
 *
 * @throws PermanentError, AccountFault when the server refuses.
 */
export async function followTags(ports: FollowPorts, task: FollowTask): Promise<never> {
  const { api, inbox, timings, logger, accessToken } = ports;
  const { hashtags, streaming, signal } = task;
  const told = new Map<string, string>();
  let mark = task.since;
  let complete = false;

  const take = async (raw: unknown, during: AbortSignal, isUpdate = false): Promise<void> => {
    const parsed = statusSchema.safeParse(raw);
    if (!parsed.success) {
      logger.warn({ reason: parsed.error.message }, 'A status was skipped: unknown form.');
      return;
    }
    const status = parsed.data;
    await inbox.put(
      `${status.uri} ${status.editedAt ?? ''}`,
      () => eventOf(status, isUpdate),
      during,
    );
    if (complete) mark = laterId(mark, status.id);
  };

  const eventOf = (status: Status, isUpdate: boolean): SocialEvent | undefined => {
    const resume = mark === undefined ? {} : { resumeFrom: mark };
    const post = ports.toPost(status);
    if (post) {
      told.set(status.id, post.id);
      for (const oldest of told.keys()) {
        if (told.size <= remembered) break;
        told.delete(oldest);
      }
      return { kind: status.editedAt ? 'edited' : 'post', post, ...resume };
    }
    if (!isUpdate || !told.has(status.id)) return undefined;
    return { kind: 'withdrawn', postId: status.uri, reason: 'tag-removed', ...resume };
  };

  const hear = async ({ event, data }: StreamEvent, during: AbortSignal): Promise<void> => {
    if (event === 'delete') {
      const id = data.trim();
      const postId = told.get(id);
      const resume = mark === undefined ? {} : { resumeFrom: mark };
      await inbox.put(
        `deleted ${id}`,
        () => ({
          kind: 'withdrawn',
          ...(postId !== undefined && { postId }),
          replyTo: id,
          reason: 'deleted',
          ...resume,
        }),
        during,
      );
      return;
    }
    if (event !== 'update' && event !== 'status.update' && event !== 'notification') return;
    let payload: unknown;
    try {
      payload = camelKeys(JSON.parse(data));
    } catch (error) {
      logger.warn(
        { event, reason: messageOf(error) },
        'The stream carried something that is no JSON.',
      );
      return;
    }
    if (event !== 'notification') return take(payload, during, event === 'status.update');
    const { type, status } = (payload ?? {}) as { type?: unknown; status?: unknown };
    if (type === 'mention') await take(status, during);
  };

  /** Reads all since the mark, less the overlap; of the very first start only the latest. */
  const readMissed = async (during: AbortSignal): Promise<void> => {
    const since = mark === undefined ? undefined : idBefore(mark, timings.overlapMs);
    let newest = mark;
    for (const tag of hashtags) {
      for await (const page of api.tagged(tag, since, during)) {
        for (const status of page) {
          await take(status, during);
          newest = laterId(newest, status.id);
        }
      }
    }
    const notBefore = since === undefined ? undefined : timeOfId(since);
    for (const status of await api.mentions(notBefore, during)) await take(status, during);
    mark = newest ?? mark;
  };

  /** One connection from its start to its end. */
  const session = async (): Promise<void> => {
    const over = new AbortController();
    const during = AbortSignal.any([signal, over.signal]);
    complete = false;
    const addresses = [
      ...hashtags.map((tag) => `/api/v1/streaming/hashtag?tag=${encodeURIComponent(tag)}`),
      '/api/v1/streaming/user/notification',
    ];
    try {
      const streams = await Promise.all(
        addresses.map((address) =>
          openStream({
            url: new URL(address, streaming),
            accessToken,
            idleMs: timings.idleMs,
            signal: during,
          }),
        ),
      );
      logger.info({ hashtags }, 'Connected to the streams.');
      const listening = streams.map(async ({ events }) => {
        for await (const event of events) await hear(event, during);
        throw new TransientError('mastodon.stream-ended', 'The server closed a stream.');
      });
      const catchingUp = (async () => {
        await readMissed(during);
        await sleep(timings.settleMs, during);
        await readMissed(during);
        complete = true;
        logger.debug({ hashtags }, 'Read all that was missed.');
        await abortable(new Promise<never>(() => {}), during);
      })();
      await Promise.race([...listening, catchingUp]);
    } finally {
      over.abort(new Error('The session is over.'));
    }
  };

  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    const startedAt = Date.now();
    try {
      await session();
    } catch (error) {
      signal.throwIfAborted();
      if (needsOperator(error)) throw error;
      // A server that accepts and closes at once must not be asked every second for ever.
      if (Date.now() - startedAt > timings.idleMs) attempt = 0;
      const atLeastMs = error instanceof TransientError ? error.retryAfterMs : undefined;
      const pauseMs = backoffMs(attempt, timings, { atLeastMs });
      logger.warn(
        { code: codeOf(error), reason: messageOf(error), pauseMs },
        'The server cannot be followed now; connecting again after a pause.',
      );
      await sleep(pauseMs, signal);
    }
  }
}
