import type { NetworkName } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';

/** A picture in a post. */
export interface PostMedia {
  readonly mediaIndex: number;
  /** Where the original-size picture can be fetched. */
  readonly url: string;
  readonly altText?: string;
}

/** A post with at least one photo. */
export interface Post {
  readonly network: NetworkName;
  readonly id: string;
  readonly author: { readonly id: string; readonly handle: string; readonly name?: string };
  /** The post's page on the network. */
  readonly link: string;
  readonly text: string;
  readonly postedAt: Date;
  readonly media: readonly PostMedia[];
  /** Does the network let the bot answer this post? On X: only when the post mentions or quotes the bot. */
  readonly answerable: boolean;
  /**
   * Where to go on reading after a restart: once this post and all that were handed over before it are
   * taken, following with `since` this id misses nothing. Earlier than the post itself, because a network
   * hands posts over as they come and tells of some late. Absent while nothing can be promised.
   */
  readonly resumeFrom?: string;
}

export interface FollowOptions {
  /** At least one, each without the leading #; a post with any of them counts. */
  readonly hashtags: readonly string[];
  /** `Post.resumeFrom` of a session before; what is older is not read again. */
  readonly since?: string;
  readonly signal: AbortSignal;
}

/**
 * A social network. Reposts and the bot's own posts never appear.
 */
export interface Network {
  readonly name: NetworkName;

  /**
   * The posts with a photo and one of the hashtags, oldest first as far as the network tells, without end:
   * first those since `since`, then new ones as they come. It reconnects by itself; after each gap it
   * reads what was missed. A post may come twice. Ends when `signal` aborts.
   *
   * @throws PermanentError when the network refuses for good (bad credentials).
   */
  follow(options: FollowOptions): AsyncIterable<Post>;

  /**
   * Answers a post with a picture.
   *
   * @throws PermanentError when the network refuses for good: the post is gone, answering is not
   *   allowed, the text is a duplicate.
   * @throws TransientError when it may work later; `retryAfterMs` is set for a rate limit.
   *   `OutcomeUnknown` when the answer may have been posted: see `findAnswer`.
   */
  answer(request: AnswerRequest): Promise<PostedAnswer>;

  /**
   * The bot's own answer to a post, read from its own timeline; undefined when none is to be seen. An
   * answer may take a while to appear, so that "none" proves nothing while an attempt is young.
   *
   * @param query.since When the first attempt to answer began; nothing older is read.
   * @throws PermanentError when the network does not let the bot read its own posts.
   * @throws TransientError when it may work later.
   */
  findAnswer(query: {
    readonly inReplyTo: string;
    readonly since: Date;
  }): Promise<PostedAnswer | undefined>;

  close(): Promise<void>;
}

/**
 * An answer may or may not have been posted. After every other error of `Network.answer` it certainly was not.
 */
export class OutcomeUnknown extends TransientError {
  override readonly name = 'OutcomeUnknown';
}

/** An answer as it stands on the network. */
export interface PostedAnswer {
  readonly postId: string;
  readonly link: string;
}

export interface AnswerRequest {
  readonly inReplyTo: string;
  readonly text: string;
  readonly picture: {
    readonly bytes: Uint8Array;
    readonly contentType: 'image/jpeg' | 'image/png';
    readonly altText: string;
  };
  /**
   * Awaited right before the one request that must not be sent twice, after everything that may be
   * repeated. When it rejects, nothing was posted and `answer` rejects with the same error.
   */
  readonly beforePosting?: () => Promise<void>;
}
