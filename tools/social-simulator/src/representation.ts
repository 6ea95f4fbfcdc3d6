import { hashtagsOf, mentionsOf } from '@mosaicme/social';
import type { Timeline, TimelinePost, User } from './timeline';

/** Which fields and expansions a request asked for; X sends nothing unasked. */
export interface Wanted {
  readonly expansions: ReadonlySet<string>;
  readonly tweetFields: ReadonlySet<string>;
  readonly mediaFields: ReadonlySet<string>;
  readonly userFields: ReadonlySet<string>;
}

export function wantedFrom(query: URLSearchParams): Wanted {
  const list = (name: string, always: readonly string[]) =>
    new Set([...always, ...(query.get(name) ?? '').split(',').filter(Boolean)]);
  const expansions = list('expansions', []);
  const implied = [
    ...(expansions.has('author_id') ? ['author_id'] : []),
    ...(expansions.has('attachments.media_keys') ? ['attachments'] : []),
    ...(expansions.has('referenced_tweets.id') ? ['referenced_tweets'] : []),
  ];
  return {
    expansions,
    tweetFields: list('tweet.fields', ['id', 'text', 'edit_history_tweet_ids', ...implied]),
    mediaFields: list('media.fields', ['media_key', 'type']),
    userFields: list('user.fields', ['id', 'name', 'username']),
  };
}

/** Posts as API v2 sends them: `data` and, for the expansions, `includes`. */
export function represent(
  posts: readonly TimelinePost[],
  wanted: Wanted,
  timeline: Pick<Timeline, 'get' | 'findUser'>,
  publicUrl: string,
) {
  const { expansions } = wanted;
  const quoted = posts.flatMap((post) => {
    const other = timeline.get(post.quotes ?? post.reposts ?? '');
    return other ? [other] : [];
  });
  const authors = [...posts, ...(expansions.has('referenced_tweets.id.author_id') ? quoted : [])];
  const users = new Map(authors.map(({ author }) => [author.id, author]));
  const tweetOf = (post: TimelinePost) => pick(fullTweet(post, timeline), wanted.tweetFields);
  const includes = {
    ...(expansions.has('author_id') && {
      users: [...users.values()].map((user) => pick(fullUser(user), wanted.userFields)),
    }),
    ...(expansions.has('attachments.media_keys') && {
      media: posts.flatMap((post) =>
        post.photos.map((photo) =>
          pick(
            {
              media_key: photo.key,
              type: photo.kind ?? 'photo',
              [photo.kind === undefined || photo.kind === 'photo' ? 'url' : 'preview_image_url']:
                `${publicUrl}/media/${photo.key}`,
              alt_text: photo.altText,
            },
            wanted.mediaFields,
          ),
        ),
      ),
    }),
    ...(expansions.has('referenced_tweets.id') && { tweets: quoted.map(tweetOf) }),
  };
  return { data: posts.map(tweetOf), includes };
}

function fullTweet(post: TimelinePost, timeline: Pick<Timeline, 'findUser'>) {
  const references = [
    { type: 'replied_to', id: post.inReplyTo },
    { type: 'quoted', id: post.quotes },
    { type: 'retweeted', id: post.reposts },
  ].filter(({ id }) => id !== undefined);
  return {
    id: post.id,
    ...textOf(post.text, timeline),
    edit_history_tweet_ids: [...post.history],
    author_id: post.author.id,
    created_at: post.createdAt.toISOString(),
    attachments:
      post.photos.length > 0 ? { media_keys: post.photos.map(({ key }) => key) } : undefined,
    referenced_tweets: references.length > 0 ? references : undefined,
  };
}

/** Longest text that X gives whole; the rest of a longer one stands in the note beside it. */
const maxShortText = 280;

function textOf(text: string, timeline: Pick<Timeline, 'findUser'>) {
  if (text.length <= maxShortText) {
    return { text: escapeText(text), entities: entitiesOf(text, timeline) };
  }
  const short = text.slice(0, maxShortText - 1);
  return {
    text: escapeText(`${short}…`),
    entities: entitiesOf(short, timeline),
    note_tweet: { text: escapeText(text), entities: entitiesOf(text, timeline) },
  };
}

function entitiesOf(text: string, timeline: Pick<Timeline, 'findUser'>) {
  return {
    hashtags: hashtagsOf(text).map((tag) => ({ tag })),
    mentions: mentionsOf(text).flatMap((username) => {
      const user = timeline.findUser(username);
      return user ? [{ username: user.username, id: user.id }] : [];
    }),
  };
}

const fullUser = ({ id, name, username }: User) => ({ id, name, username });

/** X delivers these three characters as HTML entities. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function pick(full: object, names: ReadonlySet<string>): object {
  return Object.fromEntries(
    Object.entries(full).filter(([name, value]) => names.has(name) && value !== undefined),
  );
}
