import { abortable } from '@mosaicme/async';
import type { TweetV2 } from 'twitter-api-v2';
import type { PostState } from '../port';
import type { XClient } from './client';
import { toXError } from './errors';

/** Most ids of one look-up on X. */
const batchSize = 100;

interface Lookup {
  readonly data?: readonly Pick<TweetV2, 'id'>[];
  readonly errors?: readonly {
    readonly resource_id?: string;
    readonly value?: string;
    readonly title?: string;
  }[];
}

/**
 * Looks posts up by their ids.
 *
 * @throws PermanentError, AccountFault, TransientError
 */
export async function* checkPosts(
  client: XClient,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<PostState> {
  for (let start = 0; start < ids.length; start += batchSize) {
    const batch = ids.slice(start, start + batchSize);
    let found: Lookup;
    try {
      const api = await abortable(client.app(), signal);
      found = await abortable(api.v2.get<Lookup>('tweets', { ids: batch.join(',') }), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw toXError(error, `while looking up ${batch.length} posts`);
    }
    for (const id of batch) yield { id, state: stateOf(id, found) };
  }
}

function stateOf(id: string, { data = [], errors = [] }: Lookup): PostState['state'] {
  if (data.some((tweet) => tweet.id === id)) return 'present';
  const problem = errors.find(({ resource_id, value }) => resource_id === id || value === id);
  if (problem?.title === 'Not Found Error') return 'gone';
  // The post of a protected or suspended account.
  return problem?.title === 'Authorization Error' ? 'hidden' : 'unknown';
}
