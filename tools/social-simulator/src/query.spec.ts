import { parseQuery } from './query';
import type { TimelinePost } from './timeline';

const photo = { key: '3_1', bytes: new Uint8Array(1), contentType: 'image/jpeg' };
const post = (text: string, change: Partial<TimelinePost> = {}): TimelinePost => ({
  id: '1',
  history: ['1'],
  author: { id: '7', username: 'Alice', name: 'Alice' },
  text,
  createdAt: new Date(0),
  photos: [photo],
  ...change,
});
const rule = parseQuery('#mosaicme has:images -is:retweet');

describe('parseQuery', () => {
  it.each([
    ['#mosaicme', true],
    ['#MosaicMe!', true],
    ['look:#mosaicme', true],
    ['(#mosaicme)', true],
    ['#mosaicme #other', true],
    ['＃mosaicme', true],
    ['#mosaicmetoo', false],
    ['#mosaic_me', false],
    ['mosaicme', false],
    ['abc#mosaicme', false],
    ['&#mosaicme', false],
    ['#mosaicmé', false],
  ])('matches the whole hashtag only, whatever its case: %j %s', (text, matches) => {
    expect(rule(post(text))).toBe(matches);
  });

  it('matches only posts with photos', () => {
    expect(rule(post('#mosaicme', { photos: [] }))).toBe(false);
  });

  it('leaves out reposts', () => {
    expect(rule(post('#mosaicme', { reposts: '5' }))).toBe(false);
  });

  it.each([
    ['from:alice', true],
    ['from:bob', false],
    ['@bob', true],
    ['@bobby', false],
    ['#a #b', true],
    ['#a #c', false],
    ['#a -#b', false],
    ['#a is:quote', true],
    ['#a is:reply', false],
    ['(#c OR #a) is:quote', true],
    ['(#c OR #d) is:quote', false],
  ])('understands %j', (query, matches) => {
    expect(parseQuery(query)(post('@bob #a #b', { quotes: '5' }))).toBe(matches);
  });

  it.each(['', 'word', '#a OR #b', '(#a #b)', 'has:videos', '#a lang:en'])(
    'refuses %j',
    (query) => {
      expect(() => parseQuery(query)).toThrow(/does not understand/);
    },
  );

  it('refuses a query without a term that stands alone', () => {
    expect(() => parseQuery('has:images -is:retweet')).toThrow(/at least one term/);
  });
});
