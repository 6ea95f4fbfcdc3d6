import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import type { Post, PostMedia } from '../port';

/** What must be asked for so that `toPost` finds what it needs. */
export const postFields = {
  expansions: ['author_id', 'attachments.media_keys', 'referenced_tweets.id'],
  'tweet.fields': [
    'attachments',
    'author_id',
    'created_at',
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
  /** Enterprise access: X lets the bot answer any post. */
  readonly answerAll: boolean;
  /** Where posts have their page, for example `https://x.com`. */
  readonly webOrigin: string;
}

/** A tweet of API v2 with what came along with it, as a post; undefined when it is none of ours to take. */
export function toPost(
  tweet: TweetV2,
  includes: ApiV2Includes | undefined,
  context: PostContext,
): Post | undefined {
  const author = includes?.users?.find((user) => user.id === tweet.author_id);
  if (!author || isBot(author.id, author.username, context.bot)) return undefined;
  if (tweet.referenced_tweets?.some(({ type }) => type === 'retweeted')) return undefined;
  const media = photos(tweet, includes);
  if (media.length === 0) return undefined;
  return {
    network: 'x',
    id: tweet.id,
    author: { id: author.id, handle: author.username, name: author.name },
    link: `${context.webOrigin}/${author.username}/status/${tweet.id}`,
    text: unescapeText(tweet.note_tweet?.text ?? tweet.text),
    postedAt: new Date(tweet.created_at ?? Date.now()),
    media,
    answerable:
      context.answerAll || mentions(tweet, context.bot) || quotes(tweet, includes, context.bot),
  };
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

function mentions(tweet: TweetV2, bot: BotIdentity): boolean {
  const named = [tweet.entities?.mentions, tweet.note_tweet?.entities?.mentions]
    .flatMap((found) => found ?? [])
    .map(({ username }) => username);
  const written = [tweet.text, tweet.note_tweet?.text ?? ''].flatMap((text) =>
    [...text.matchAll(/(?<![\w@])@(\w+)/g)].map(([, username]) => username),
  );
  return [...named, ...written].some((username) => isBot(undefined, username, bot));
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
