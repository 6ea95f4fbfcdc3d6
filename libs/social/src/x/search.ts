import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { ApiResponseError } from 'twitter-api-v2';
import type { Logger } from '@mosaicme/service';
import { abortable } from '@mosaicme/async';
import type { XClient } from './client';
import { toXError } from './errors';
import { idBefore, laterId } from './ids';
import { postFields } from './posts';

/** A tweet of API v2 and what came along with it. */
export interface Found {
  readonly tweet: TweetV2;
  readonly includes: ApiV2Includes | undefined;
}

/** Largest page of a search on X. */
const pageSize = 100;
/** Pages of one search; 5,000 posts. A gap with more posts is closed by the next search. */
const maxPages = 50;

/**
 * Recent search (the last seven days).
 *
 * @param options.since Only posts after this id. Without it only the latest page is read: all seven days
 *   could be a large bill.
 * @returns Oldest first.
 * @throws PermanentError, TransientError
 */
export async function searchRecent(
  client: XClient,
  options: { query: string; since: string | undefined; logger: Logger; signal: AbortSignal },
): Promise<Found[]> {
  const { query, since, logger, signal } = options;
  try {
    const found: Found[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const result = await abortable(searchPage(client, query, since, nextToken), signal);
      for (const tweet of result.data ?? []) found.push({ tweet, includes: result.includes });
      nextToken = result.meta.next_token;
      if (!nextToken || since === undefined) return found.reverse();
    }
    logger.warn(
      { query, since, limit: maxPages * pageSize },
      'More posts were missed than one search reads; the oldest of them are left out.',
    );
    return found.reverse();
  } catch (error) {
    signal.throwIfAborted();
    if (since !== undefined && isTooOld(error)) {
      logger.warn(
        { query, since },
        'The last known post is older than X searches; reading the latest.',
      );
      return searchRecent(client, { ...options, since: undefined });
    }
    throw toXError(error, `while searching '${query}'`);
  }
}

async function searchPage(
  client: XClient,
  query: string,
  since: string | undefined,
  nextToken: string | undefined,
) {
  const api = await client.app();
  return api.v2.get<SearchPage>('tweets/search/recent', {
    query,
    max_results: pageSize,
    ...joined(postFields),
    ...(since !== undefined && { since_id: since }),
    ...(nextToken !== undefined && { next_token: nextToken }),
  });
}

interface SearchPage {
  readonly data?: TweetV2[];
  readonly includes?: ApiV2Includes;
  readonly meta: { readonly next_token?: string };
}

function joined(fields: Record<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [name, values.join(',')]),
  );
}

function isTooOld(error: unknown): boolean {
  return (
    error instanceof ApiResponseError &&
    error.code === 400 &&
    JSON.stringify(error.data ?? '').includes('since_id')
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
