import { ApiResponseError } from 'twitter-api-v2';
import type { XClient } from './client';
import { toXError } from './errors';

/** Deletes a post of the bot; one that is gone counts as deleted. @throws see `Network`. */
export async function deleteOwnPost(client: XClient, postId: string): Promise<void> {
  try {
    await client.user.v2.deleteTweet(postId);
  } catch (error) {
    if (error instanceof ApiResponseError && error.code === 404) return;
    throw toXError(error, `while deleting post ${postId}`, 'uploading');
  }
}
