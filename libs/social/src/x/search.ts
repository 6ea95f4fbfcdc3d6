import { abortable } from '@mosaicme/async';
import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import type { XClient } from './client';
import { toXError } from './errors';
import { idAtTime, idBefore, laterId } from './ids';
import { postFields } from './posts';

/** A tweet of API v2 and what came along with it. */
export interface Found {
  readonly tweet: TweetV2;
  readonly includes: ApiV2Includes | undefined;
}

/** Largest page of a search on X. */
export const pageSize = 100;

/** How far back recent search reads, in milliseconds; five minutes less, because clocks differ. */
const searchWindowMs = 7 * 24 * 3600_000 - 5 * 60_000;

/** The oldest id that recent search takes. */
export const searchFloor = (now = Date.now()): string => idAtTime(new Date(now - searchWindowMs));

/** A page of recent search, the newest post first. */
export interface SearchPage {
  readonly found: readonly Found[];
  /** The id before which the next, older page begins; undefined after the last one. */
  readonly continueBefore: string | undefined;
}

/**
 * One page of recent search.
 *
 * @param options.since Only posts after this id, which must not be older than `searchFloor`.
 * @param options.until Only posts before this id. Not X's own token for the next page: that one expires.
 * @throws PermanentError, AccountFault, TransientError
 */
export async function searchPage(
  client: XClient,
  options: {
    readonly query: string;
    readonly since: string | undefined;
    readonly until: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<SearchPage> {
  const { query, since, until, signal } = options;
  try {
    const api = await abortable(client.app(), signal);
    const page = await abortable(
      api.v2.get<ApiPage>('tweets/search/recent', {
        query,
        max_results: pageSize,
        ...joined(postFields),
        ...(since !== undefined && { since_id: since }),
        ...(until !== undefined && { until_id: until }),
      }),
      signal,
    );
    return {
      found: (page.data ?? []).map((tweet) => ({ tweet, includes: page.includes })),
      continueBefore: page.meta.next_token === undefined ? undefined : page.data?.at(-1)?.id,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw toXError(error, `while searching '${query}'`);
  }
}

interface ApiPage {
  readonly data?: TweetV2[];
  readonly includes?: ApiV2Includes;
  readonly meta: { readonly next_token?: string };
}

function joined(fields: Record<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [name, values.join(',')]),
  );
}

/**
 * Up to where everything was read. It moves forward only over posts that leave no gap behind them.
 */
export interface Mark {
  /** The id to search from; a little before the mark, because search learns of posts late. */
  searchFrom(): string | undefined;
  advance(id: string): void;
}

/** @param lagMs How far before the mark to search again. Never before `since`. */
export function createMark(since: string | undefined, lagMs: number): Mark {
  let newest: string | undefined;
  return {
    searchFrom: () => (newest === undefined ? since : laterId(since, idBefore(newest, lagMs))),
    advance: (id) => {
      newest = laterId(newest, id);
    },
  };
}
