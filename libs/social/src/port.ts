import type { NetworkName } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';

/** Which network, and which of its servers: ids of posts and accounts mean something there only. */
export interface NetworkId {
  readonly name: NetworkName;
  /** Host of the server: `x.com`, `mastodon.social`, `bsky.app`. */
  readonly instance: string;
}

/** A picture in a post. */
export interface PostMedia {
  /** Its place among all media of the post, counted from 0; videos count, too. */
  readonly mediaIndex: number;
  /** Where the original-size picture can be fetched. */
  readonly url: string;
  readonly altText?: string;
}

/**
 * A post with at least one photo. Adapters clip what is too long (`clipPost`): a post never breaks a
 * limit of the contracts.
 */
export interface Post {
  readonly network: NetworkId;
  /**
   * The identity of the post, the same after every edit and redelivery, at most 256 characters. X: the
   * first id of the edit history. Mastodon: the `uri` of the status. Bluesky: `did/rkey`.
   */
  readonly id: string;
  /** What `AnswerRequest.replyTo` needs where it is not `id`: the local id of a status on Mastodon. */
  readonly replyTo?: string;
  readonly author: { readonly id: string; readonly handle: string; readonly name?: string };
  /** The post's page on the network. */
  readonly link: string;
  readonly text: string;
  /** Its own hashtags, each without the #, as written. */
  readonly tags: readonly string[];
  readonly postedAt: Date;
  readonly media: readonly PostMedia[];
  /** Does the network let the bot answer this post? On X: only when the post mentions or quotes the bot. */
  readonly answerable: boolean;
  /** Why the photos must not be shown to the public; absent where nothing speaks against it. */
  readonly restricted?: 'sensitive' | 'no-public-display';
}

/** Why something is not to be shown any more. */
export type WithdrawalReason = 'deleted' | 'hidden' | 'account' | 'tag-removed';

/**
 * What happens on a network. A post may be told of twice, and out of order.
 *
 * `edited` tells of a newer version of a post, whether or not the first one was told of. `withdrawn` names
 * a post, or an account whose posts are all gone.
 */
export type SocialEvent = {
  /**
   * Where to go on reading after a restart: once this event and all that were handed over before it are
   * dealt with, following with `since` this cursor misses nothing. Opaque. Earlier than the event itself,
   * because a network hands posts over as they come and tells of some late. Absent while nothing can be
   * promised.
   */
  readonly resumeFrom?: string;
} & (
  | { readonly kind: 'post' | 'edited'; readonly post: Post }
  | {
      readonly kind: 'withdrawn';
      readonly postId?: string;
      /** `Post.replyTo` of the post, where the network told only that. */
      readonly replyTo?: string;
      readonly authorId?: string;
      readonly reason: WithdrawalReason;
    }
);

export interface FollowOptions {
  /** At least one, each without the leading #; a post with any of them counts. */
  readonly hashtags: readonly string[];
  /**
   * A lasting name of this follower among those of the account, such as `mosaicme-requests`: by it an
   * adapter knows what it left on the network (the stream rules of X).
   */
  readonly name: string;
  /** `SocialEvent.resumeFrom` of a session before; what is older is not read again. */
  readonly since?: string;
  readonly signal: AbortSignal;
}

/** A post that was told of before. */
export interface PostRef {
  /** `Post.id`. */
  readonly id: string;
  /** `Post.replyTo`, where the post has one. */
  readonly replyTo?: string;
}

/** What of a post that was told of is still there. `unknown`: the network does not say. */
export interface PostState {
  readonly id: string;
  readonly state: 'present' | 'gone' | 'hidden' | 'unknown';
}

/** What an answer may hold, by the network's own counting. */
export interface NetworkLimits {
  /** The length of a text as the network counts it. */
  length(text: string): number;
  /** Longest text, in the unit of `length`. */
  readonly maxText: number;
  /** Largest picture, in bytes. */
  readonly pictureBytes: number;
  /** Largest picture, in pixels; Infinity where only bytes count. */
  readonly picturePixels: number;
  /** Longest description of a picture, in characters. Adapters clip longer ones. */
  readonly altText: number;
}

/**
 * A social network, as one account of it. Reposts and the bot's own posts never appear.
 *
 * Its errors answer for themselves; whoever asks needs to know no code of a network:
 *
 * - `PostRefused`: a fault of the post. It settles the answer.
 * - `AlreadyAnswered`: the answer stands on the network already.
 * - `AccountFault`: a fault of the account or of its keys. Every further request fails, too, until an
 *   operator has mended it: pause, and say so loudly.
 * - `RateLimited`: a limit or budget is spent; wait until `retryAt` without counting that as an attempt.
 * - `OutcomeUnknown`: see there.
 * - any other `TransientError`: may work later. Any other `PermanentError`: a fault of the configuration.
 */
export interface Network {
  readonly id: NetworkId;

  /** Known before the first request; a server that allows more or less changes them once it said so. */
  readonly limits: NetworkLimits;

  /**
   * The posts with a photo and one of the hashtags, oldest first as far as the network tells, without end:
   * first those since `since`, then new ones as they come, and what becomes of them. It reconnects by
   * itself; after each gap it reads what was missed. Ends when `signal` aborts.
   *
   * @throws AccountFault, PermanentError when the network refuses.
   */
  follow(options: FollowOptions): AsyncIterable<SocialEvent>;

  /**
   * Asks whether posts are still there, in batches as large as the network takes; each costs what reading
   * a post costs there. Every id is answered once, in any order.
   *
   * @throws AccountFault, PermanentError, TransientError; what was not answered until then stays open.
   */
  check(posts: readonly PostRef[]): AsyncIterable<PostState>;

  /** Answers a post with a picture. See `Network` for its errors. */
  answer(request: AnswerRequest): Promise<PostedAnswer>;

  /**
   * The bot's own answer to a post, read from the network; undefined when none is to be seen. An answer may
   * take a while to appear, so that "none" proves nothing while an attempt is young.
   *
   * @throws PermanentError, AccountFault when the network does not let the bot read its own posts.
   */
  findAnswer(query: AnswerQuery): Promise<PostedAnswer | undefined>;

  /** Removes an answer of the bot. Succeeds where it is gone already. */
  deleteAnswer(answer: PostedAnswer): Promise<void>;

  close(): Promise<void>;
}

/** An answer as it stands on the network. */
export interface PostedAnswer {
  readonly postId: string;
  readonly link: string;
}

/** The post that is answered, and by which attempt. */
interface AnswerTarget {
  /** `Post.id`. */
  readonly inReplyTo: string;
  /** `Post.replyTo`, where the post has one. */
  readonly replyTo?: string;
  /** Idempotency key: the same for every attempt to give this answer, and for no other answer. */
  readonly key: string;
}

export interface AnswerRequest extends AnswerTarget {
  /** When the first attempt with this key began; now, unless there was one before. */
  readonly firstAttemptAt: Date;
  /** At most `limits.maxText` long; see `answerText`. */
  readonly text: string;
  /** At most `limits.pictureBytes` and `limits.picturePixels` large. */
  readonly picture: {
    readonly bytes: Uint8Array;
    readonly contentType: 'image/jpeg' | 'image/png';
    readonly altText: string;
    /** In pixels. */
    readonly size?: { readonly width: number; readonly height: number };
  };
  /**
   * Awaited right before the one request that must not be sent twice, after everything that may be
   * repeated. When it rejects, nothing was posted and `answer` rejects with the same error.
   */
  readonly beforePosting?: () => Promise<void>;
}

export interface AnswerQuery extends AnswerTarget {
  /** When the first attempt to answer began; nothing older is read. */
  readonly since: Date;
}

/** A fault of the post: it is gone, it may not be answered, the answer breaks a rule. A retry cannot help. */
export class PostRefused extends PermanentError {
  override readonly name = 'PostRefused';
}

/** The network has this very answer already. */
export class AlreadyAnswered extends PermanentError {
  override readonly name = 'AlreadyAnswered';
}

/**
 * A fault of the account, not of the post: a revoked token, a wrong permission, a clock that is off, a
 * locked account. Transient, because an operator can mend it, and then everything works again.
 */
export class AccountFault extends TransientError {
  override readonly name = 'AccountFault';
}

/** A rate limit or a budget is spent. */
export class RateLimited extends TransientError {
  override readonly name = 'RateLimited';

  /** @param retryAt When it is renewed. */
  constructor(
    code: string,
    message: string,
    readonly retryAt: Date,
    options?: ErrorOptions,
  ) {
    super(code, message, { ...options, retryAfterMs: Math.max(0, retryAt.getTime() - Date.now()) });
  }
}

/** An answer may or may not have been posted. After every other error of `Network.answer` it certainly was not. */
export class OutcomeUnknown extends TransientError {
  override readonly name = 'OutcomeUnknown';
}
