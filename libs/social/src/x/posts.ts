import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { clipPost } from '../clip';
import type { Post, PostMedia } from '../port';
import { hashtagsOf, mentionsOf, sameName, sameTag } from './entities';

/** What must be asked for so that `toPost` finds what it needs. */
export const postFields = {
  expansions: [
    'author_id',
    'attachments.media_keys',
    'referenced_tweets.id',
    'referenced_tweets.id.author_id',
  ],
  'tweet.fields': [
    'attachments',
    'author_id',
    'created_at',
    'edit_history_tweet_ids',
    'entities',
    'note_tweet',
    'referenced_tweets',
  ],
  'media.fields': ['alt_text', 'type', 'url'],
  'user.fields': ['name', 'username'],
} as const;

export interface BotIdentity {
  /** Without the leading @. */
  readonly username: string;
  /** X's id of the account, where it is known. */
  readonly userId?: string;
}

export interface PostContext {
  readonly bot: BotIdentity;
  /** Those that are followed, without the leading #. */
  readonly hashtags: readonly string[];
  /** Enterprise access: X lets the bot answer any post. */
  readonly answerAll: boolean;
  /** Where posts have their page, for example `https://x.com`. */
  readonly webOrigin: string;
}

/**
 * A tweet of API v2 with what came along with it, as a post; undefined when it is none of ours to take.
 *
 * X's rules match a post also by a tag that stands only in the post that it quotes; those are dropped.
 */
export function toPost(
  tweet: TweetV2,
  includes: ApiV2Includes | undefined,
  context: PostContext,
): Post | undefined {
  const author = includes?.users?.find((user) => user.id === tweet.author_id);
  if (!author || isBot(author.id, author.username, context.bot)) return undefined;
  if (tweet.referenced_tweets?.some(({ type }) => type === 'retweeted')) return undefined;
  if (!ownTags(tweet).some((own) => context.hashtags.some((tag) => sameTag(own, tag)))) {
    return undefined;
  }
  const media = photos(tweet, includes);
  if (media.length === 0) return undefined;
  const id = identityOf(tweet);
  return clipPost({
    network: { name: 'x', instance: xInstance },
    id,
    ...(id !== tweet.id && { replyTo: tweet.id }),
    author: { id: author.id, handle: author.username, name: author.name },
    link: `${context.webOrigin}/${author.username}/status/${tweet.id}`,
    text: unescapeText(tweet.note_tweet?.text ?? tweet.text),
    tags: ownTags(tweet),
    postedAt: new Date(tweet.created_at ?? Date.now()),
    media,
    answerable:
      context.answerAll || mentions(tweet, context.bot) || quotes(tweet, includes, context.bot),
  });
}

/** There is one X. */
export const xInstance = 'x.com';

/** Each edit of a post is a tweet with a new id; the first one stands for all. */
export const identityOf = (tweet: Pick<TweetV2, 'id' | 'edit_history_tweet_ids'>): string =>
  tweet.edit_history_tweet_ids?.[0] ?? tweet.id;

/** The tags in the post's own text; a long post has those of its whole text beside it. */
function ownTags({ entities, text, note_tweet: note }: TweetV2): string[] {
  const told = [entities?.hashtags, note?.entities?.hashtags].flatMap((found) => found ?? []);
  const read = [...hashtagsOf(text), ...hashtagsOf(note?.text ?? '')];
  return [...new Set([...told.map(({ tag }) => tag), ...read])];
}

function isBot(id: string | undefined, username: string | undefined, bot: BotIdentity): boolean {
  return (
    (id !== undefined && id === bot.userId) ||
    username?.toLowerCase() === bot.username.toLowerCase()
  );
}

function photos(tweet: TweetV2, includes: ApiV2Includes | undefined): PostMedia[] {
  return (tweet.attachments?.media_keys ?? []).flatMap((key, mediaIndex) => {
    const media = includes?.media?.find((candidate) => candidate.media_key === key);
    if (media?.type !== 'photo' || !media.url) return [];
    return [
      {
        mediaIndex,
        url: originalSize(media.url),
        ...(media.alt_text !== undefined && { altText: media.alt_text }),
      },
    ];
  });
}

/** X serves a reduced picture unless the original is asked for by name. */
function originalSize(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.hostname === 'pbs.twimg.com') url.searchParams.set('name', 'orig');
  return url.href;
}

function mentions({ entities, text, note_tweet: note }: TweetV2, bot: BotIdentity): boolean {
  const told = [entities?.mentions, note?.entities?.mentions].flatMap((found) => found ?? []);
  const written = [text, note?.text ?? ''].flatMap(mentionsOf);
  return [...told.map(({ username }) => username), ...written].some((name) =>
    sameName(name, bot.username),
  );
}

function quotes(tweet: TweetV2, includes: ApiV2Includes | undefined, bot: BotIdentity): boolean {
  return (tweet.referenced_tweets ?? []).some(({ type, id }) => {
    if (type !== 'quoted') return false;
    const quoted = includes?.tweets?.find((candidate) => candidate.id === id);
    const author = includes?.users?.find((user) => user.id === quoted?.author_id);
    return isBot(quoted?.author_id, author?.username, bot);
  });
}

/** The API delivers these three characters, and only these, as HTML entities. */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
