import type { ApiV2Includes, TweetV2 } from 'twitter-api-v2';
import { toPost, type PostContext } from './posts';

const context: PostContext = {
  bot: { username: 'MosaicBot', userId: '42' },
  hashtags: ['MosaicMe'],
  answerAll: false,
  webOrigin: 'https://x.com',
};
const tweet: TweetV2 = {
  id: '100',
  text: 'hello #mosaicme',
  edit_history_tweet_ids: ['100'],
  author_id: '7',
  created_at: '2026-01-02T03:04:05.000Z',
  attachments: { media_keys: ['3_1'] },
};
const includes: ApiV2Includes = {
  users: [{ id: '7', username: 'alice', name: 'Alice' }],
  media: [{ media_key: '3_1', type: 'photo', url: 'https://pbs.twimg.com/media/abc.jpg' }],
};

describe('toPost', () => {
  it('takes over all that a post needs', () => {
    expect(toPost(tweet, includes, context)).toEqual({
      network: { name: 'x', instance: 'x.com' },
      id: '100',
      author: { id: '7', handle: 'alice', name: 'Alice' },
      link: 'https://x.com/alice/status/100',
      text: 'hello #mosaicme',
      tags: ['mosaicme'],
      postedAt: new Date('2026-01-02T03:04:05.000Z'),
      media: [{ mediaIndex: 0, url: 'https://pbs.twimg.com/media/abc.jpg?name=orig' }],
      answerable: false,
    });
  });

  it('takes only photos, and keeps their place among the media', () => {
    const media = [
      { media_key: '3_1', type: 'video', url: 'https://a.example/1' },
      { media_key: '3_2', type: 'photo', url: 'https://a.example/2', alt_text: 'two' },
      { media_key: '3_3', type: 'animated_gif' },
      { media_key: '3_4', type: 'photo' },
      { media_key: '3_5', type: 'photo', url: 'https://a.example/5' },
    ];
    const attachments = { media_keys: media.map(({ media_key }) => media_key) };
    expect(toPost({ ...tweet, attachments }, { ...includes, media }, context)?.media).toEqual([
      { mediaIndex: 1, url: 'https://a.example/2', altText: 'two' },
      { mediaIndex: 4, url: 'https://a.example/5' },
    ]);
  });

  it('reads the whole text of a long post, without HTML entities', () => {
    const long = { ...tweet, note_tweet: { text: 'a &lt; b &amp;amp; c &gt; d #mosaicme' } };
    expect(toPost(long, includes, context)?.text).toBe('a < b &amp; c > d #mosaicme');
  });

  const by = (id: string, username: string): ApiV2Includes => ({
    ...includes,
    users: [{ id, username, name: username }],
  });

  it.each<[string, Partial<TweetV2>, ApiV2Includes]>([
    ['a repost', { referenced_tweets: [{ type: 'retweeted', id: '1' }] }, includes],
    ["the bot's own post, by id", { author_id: '42' }, by('42', 'renamed')],
    ["the bot's own post, by name", {}, by('7', 'mosaicbot')],
    ['a post without media', { attachments: {} }, includes],
    ['a post whose media did not come along', {}, { users: includes.users ?? [] }],
    ['a post whose author did not come along', {}, { media: includes.media ?? [] }],
  ])('drops %s', (_kind, change, with_) => {
    expect(toPost({ ...tweet, ...change }, with_, context)).toBeUndefined();
  });

  it.each([
    ['hi @mosaicbot', true],
    ['@MOSAICBOT, please', true],
    ['.@MosaicBot!', true],
    ['@mosaicbot2', false],
    ['mail me: me@mosaicbot', false],
    ['mosaicbot', false],
  ])('reads %j as a mention: %s', (text, answerable) => {
    expect(toPost({ ...tweet, text: `${text} #mosaicme` }, includes, context)?.answerable).toBe(
      answerable,
    );
  });

  it.each([
    [
      'its author came along',
      { id: '9', text: '', edit_history_tweet_ids: [], author_id: '42' },
      true,
    ],
    [
      'it is by someone else',
      { id: '9', text: '', edit_history_tweet_ids: [], author_id: '8' },
      false,
    ],
    [
      'it did not come along',
      { id: '8', text: '', edit_history_tweet_ids: [], author_id: '42' },
      false,
    ],
  ])("may answer a quote of the bot's post: %s", (_case, quoted, answerable) => {
    const quote: TweetV2 = { ...tweet, referenced_tweets: [{ type: 'quoted', id: '9' }] };
    expect(toPost(quote, { ...includes, tweets: [quoted] }, context)?.answerable).toBe(answerable);
  });

  it('may not answer a reply to the bot that does not mention it', () => {
    const reply: TweetV2 = { ...tweet, referenced_tweets: [{ type: 'replied_to', id: '9' }] };
    const mine = { id: '9', text: '', edit_history_tweet_ids: [], author_id: '42' };
    expect(toPost(reply, { ...includes, tweets: [mine] }, context)?.answerable).toBe(false);
  });

  it('may answer everything with Enterprise access', () => {
    expect(toPost(tweet, includes, { ...context, answerAll: true })?.answerable).toBe(true);
  });
});
