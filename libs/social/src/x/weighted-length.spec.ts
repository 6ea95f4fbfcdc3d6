import { weightedLength } from './weighted-length';

/** Facts from the conformance suite of twitter-text (configuration 3), typed in: a text and its weight. */
const x10 = 'xxxxxxxxxx-';
const poem =
  '故人西辞黄鹤楼，烟花三月下扬州。孤帆远影碧空尽，唯见长江天际流。' +
  '朱雀桥边野草花，乌衣巷口夕阳斜。旧时王谢堂前燕，飞入寻常百姓家。' +
  '朝辞白帝彩云间，千里江陵一日还。两岸猿声啼不住，轻舟已过万重山。' +
  '泪湿罗巾梦不成，夜深前殿按歌声。红颜未老恩先断，斜倚薰笼坐到明。' +
  '独在异乡为异客，每逢佳节倍思亲。遥知兄弟登高处，遍插茱萸少一人。';

it.each<[string, string, number]>([
  ['nothing', '', 0],
  ['a sentence', 'This is a test.', 15],
  ['an address', 'http://test.com', 23],
  ['an address with TLS', 'https://test.com', 23],
  ['a domain', 'test.com', 23],
  ['several addresses', 'Test https://test.com test https://test.com test.com test', 86],
  ['a text with an address', 'Hi http://test.co', 26],
  ['a long text', `285 chars-${x10.repeat(25)}`, 285],
  [
    'a long text with an address inside',
    `285 chars- http://www.twitter.com/jack ${x10.repeat(24)}`,
    299,
  ],
  ['a long text with an address behind', `${x10.repeat(24)} http://www.twitter.com/jack `, 289],
  ['ten addresses', 'https://www.twitter.com/aloha '.repeat(10), 240],
  ['160 Chinese characters', poem, 320],
  ['3 Latin and 160 Chinese characters', `the${poem}`, 323],
  ['160 emoji', '😷'.repeat(160), 320],
  ['a letter and an accent', 'A\u0301B', 2],
  ['a Hebrew letter that is normalised into three', 'A\ufb2c', 4],
  ['animals and a family', 'H🐱☺👨‍👩‍👧‍👦', 7],
  ['people apart', '👨👩👧👦', 8],
  ['five emoji', '😷👾😡🔥💩', 10],
  ['a skin tone, and a profession', '🙋🏽👨‍🎤', 4],
  ['flags and keycaps', '🇩🇪1️⃣', 4],
  [
    'general punctuation',
    'This is a tweet with general punctuation characters: \u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007' +
      '\u2008\u2009\u200A\u200B\u200C\u200D ‐ ‑ ‒ – — ― ‖  ‗ ‘ ’ ‚ ‛ “ ” „ ‟ ′ ″ ‴ ‵ ‶ ‷',
    112,
  ],
])('weighs %s', (_kind, text, weight) => {
  expect(weightedLength(text)).toBe(weight);
});

/**
 * Where the weight differs from X's on purpose: what only looks like an address counts as the larger of
 * both, so that a text is never longer for X than it is here.
 */
it.each([
  ['an ending that is no domain', 'foo.baz', 7, 23],
  ['letters that no domain has', 'http://no-tld', 13, 23],
])('weighs %s at least as X does', (_kind, text, weightOnX, weightHere) => {
  expect(weightedLength(text)).toBe(weightHere);
  expect(weightHere).toBeGreaterThanOrEqual(weightOnX);
});
