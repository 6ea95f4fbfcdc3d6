import { TransientError } from '@mosaicme/errors';
import type { TweetV2 } from 'twitter-api-v2';
import type { AnswerQuery } from '../port';
import type { XClient } from './client';
import { toXError } from './errors';

/** Largest page of a timeline on X. */
const pageSize = 100;
/** X shows the latest 3,200 posts of an account. */
const maxPages = 32;
/** What the clocks here and at X may differ, in milliseconds. */
const clockSkewMs = 60_000;

interface TimelinePage {
  readonly data?: readonly Pick<TweetV2, 'id' | 'referenced_tweets'>[];
  readonly meta: { readonly next_token?: string };
}

/**
 * Reads the bot's own timeline for its reply to a post.
 *
 * @param query.userId The bot's account.
 * @param query.since No reply is older than this.
 * @returns The id of the reply, undefined where there is none.
 * @throws PermanentError, AccountFault, TransientError; `x.timeline-too-long` when more was posted since than X shows.
 */
export async function findOwnAnswer(
  client: XClient,
  query: AnswerQuery & { readonly userId: string },
): Promise<string | undefined> {
  const { userId, inReplyTo, replyTo, since } = query;
  const startTime = new Date(since.getTime() - clockSkewMs).toISOString().replace(/\.\d+/, '');
  let nextToken: string | undefined;
  try {
    for (let page = 0; page < maxPages; page++) {
      const { data = [], meta } = await client.user.v2.get<TimelinePage>(`users/${userId}/tweets`, {
        max_results: pageSize,
        start_time: startTime,
        'tweet.fields': 'referenced_tweets',
        ...(nextToken !== undefined && { pagination_token: nextToken }),
      });
      const answer = data.find(({ referenced_tweets: references = [] }) =>
        references.some(
          ({ type, id }) => type === 'replied_to' && (id === inReplyTo || id === replyTo),
        ),
      );
      if (answer) return answer.id;
      nextToken = meta.next_token;
      if (nextToken === undefined) return undefined;
    }
  } catch (error) {
    throw toXError(error, `while looking for the answer to post ${inReplyTo}`);
  }
  throw new TransientError(
    'x.timeline-too-long',
    `The bot posted more than ${maxPages * pageSize} times since ${startTime}, and X shows no more: ` +
      `whether post ${inReplyTo} was answered must be looked up by hand.`,
  );
}
