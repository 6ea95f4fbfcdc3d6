import { createRestAPIClient, MastoHttpError, type mastodon } from 'masto';
import { abortable } from '@mosaicme/async';
import { toMastodonError } from './errors';
import { statusSchema, type Status } from './statuses';

/** Largest page of a timeline. */
const pageSize = 40;
/** Most ids of one look-up. */
const lookupSize = 20;
/** Pages of notifications that are looked through at most. */
const maxMentionPages = 20;

/** What the adapter asks a server for. Every method throws the errors of `Network`. */
export interface MastodonApi {
  instance(): Promise<mastodon.v2.Instance>;
  /** The bot's account. */
  me(): Promise<{ readonly id: string; readonly acct: string }>;
  /**
   * Statuses with the tag and with media, page by page.
   *
   * @param since All after this id, the oldest page first; without it the latest page only.
   */
  tagged(tag: string, since: string | undefined, signal: AbortSignal): AsyncIterable<Status[]>;
  /** Statuses that mention the bot, not older than that (milliseconds since 1970). */
  mentions(notBefore: number | undefined, signal: AbortSignal): Promise<Status[]>;
  /** Those of the statuses that are still to be seen, by their local ids. */
  lookUp(
    ids: readonly string[],
  ): AsyncIterable<{ readonly asked: readonly string[]; readonly found: ReadonlySet<string> }>;
  /** The bot's own statuses, the newest first, page by page. */
  own(accountId: string): AsyncIterable<readonly mastodon.v1.Status[]>;
  remove(id: string): Promise<void>;
  readonly rest: mastodon.rest.Client;
}

export function createApi(options: {
  readonly url: string;
  readonly accessToken: string;
  readonly requestMs: number;
  readonly signal: AbortSignal;
}): MastodonApi {
  const rest = createRestAPIClient({
    url: options.url,
    accessToken: options.accessToken,
    timeout: options.requestMs,
    requestInit: { signal: options.signal },
  });

  const asking = async <T>(
    doing: string,
    work: () => PromiseLike<T>,
    signal: AbortSignal = options.signal,
  ): Promise<T> => {
    try {
      return await abortable(Promise.resolve(work()), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw toMastodonError(error, doing);
    }
  };

  return {
    rest,
    instance: () => asking('while reading what the server allows', () => rest.v2.instance.fetch()),
    me: () => asking('while reading who the bot is', () => rest.v1.accounts.verifyCredentials()),
    async *tagged(tag, since, signal) {
      let minId = since;
      for (;;) {
        const page = await asking(
          `while reading #${tag}`,
          () =>
            rest.v1.timelines.tag.$select(encodeURIComponent(tag)).list({
              onlyMedia: true,
              limit: pageSize,
              ...(minId !== undefined && { minId }),
            }),
          signal,
        );
        const statuses = readable(page).reverse();
        yield statuses;
        // Ids of a page are all newer than the last; the newest comes first.
        const newest = page[0]?.id;
        if (since === undefined || newest === undefined || newest === minId) return;
        minId = newest;
      }
    },
    async mentions(notBefore, signal) {
      const found: mastodon.v1.Status[] = [];
      let maxId: string | undefined;
      for (let count = 0; count < maxMentionPages; count++) {
        const page = await asking(
          'while reading the mentions',
          () =>
            rest.v1.notifications.list({
              types: ['mention'],
              limit: pageSize,
              ...(maxId !== undefined && { maxId }),
            }),
          signal,
        );
        const recent = page.filter(
          ({ createdAt }) => notBefore === undefined || Date.parse(createdAt) >= notBefore,
        );
        for (const { status } of recent) if (status) found.push(status);
        maxId = page.at(-1)?.id;
        if (notBefore === undefined || recent.length < page.length || maxId === undefined) break;
      }
      return readable(found).reverse();
    },
    async *lookUp(ids) {
      for (let start = 0; start < ids.length; start += lookupSize) {
        const asked = ids.slice(start, start + lookupSize);
        const statuses = await asking(`while looking up ${asked.length} statuses`, () =>
          rest.v1.statuses.fetch({ id: asked }),
        );
        yield { asked, found: new Set(statuses.map(({ id }) => id)) };
      }
    },
    async *own(accountId) {
      let maxId: string | undefined;
      for (;;) {
        const page = await asking('while reading the own statuses', () =>
          rest.v1.accounts.$select(accountId).statuses.list({
            excludeReblogs: true,
            limit: pageSize,
            ...(maxId !== undefined && { maxId }),
          }),
        );
        if (page.length === 0) return;
        yield page;
        maxId = page.at(-1)?.id;
      }
    },
    async remove(id) {
      try {
        await rest.v1.statuses.$select(id).remove();
      } catch (error) {
        if (error instanceof MastoHttpError && error.statusCode === 404) return;
        throw toMastodonError(error, `while deleting the status ${id}`, 'uploading');
      }
    },
  };
}

/** What has the form of a status; a server of other software may send what has not. */
const readable = (statuses: readonly unknown[]): Status[] =>
  statuses.flatMap((status) => {
    const parsed = statusSchema.safeParse(status);
    return parsed.success ? [parsed.data] : [];
  });
