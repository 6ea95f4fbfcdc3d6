/**
 * What X finds in a text, by the rules of its library twitter-text (3.1): hashtags and mentions.
 */

/** Joiners and marks that a hashtag may hold between its letters: ZWNJ, maqaf, wave dash, middle dot … */
const joiners =
  '\\u200c\\u200d\\ua67e\\u05be\\u05f3\\u05f4\\uff5e\\u301c\\u309b\\u309c\\u30a0\\u30fb\\u3003\\u0f0b\\u0f0c\\u00b7';
const letter = '\\p{L}\\p{M}';
const member = `${letter}\\p{Nd}_${joiners}`;
const tag = `[${member}]*[${letter}][${member}]*`;

const wholeTag = new RegExp(`^${tag}$`, 'u');
/** Variation selectors end an emoji, so a tag may follow them although they are marks. */
const hashtag = new RegExp(
  `(?<=^|[\\ufe0e\\ufe0f]|[^${member}&])[#＃](?![\\ufe0f\\u20e3])(${tag})(?![#＃]|:\\/\\/)(?![${member}])`,
  'gu',
);

const accented =
  '\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u00ff\\u0100-\\u024f\\u0253\\u0254\\u0256\\u0257\\u0259\\u025b\\u0263\\u0268\\u026f\\u0272\\u0289\\u028b\\u02bb\\u0300-\\u036f\\u1e00-\\u1eff';
const mention = new RegExp(
  `(?<=^|[^\\w!#$%&*@＠]|(?:^|[^\\w+~.-])[rR][tT]:?)[@＠](\\w{1,20})(?!\\w)(?!\\/[a-zA-Z])(?![@＠${accented}]|:\\/\\/)`,
  'gu',
);

/** What X links as an address, as far as it matters here: no tag or mention lies inside one. */
const address = /https?:\/\/\S+|(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,}\/\S*/giu;

/** Would X take this, without the #, for one hashtag? */
export const isHashtag = (text: string): boolean => wholeTag.test(text);

/** Hashtags without the #, as written. */
export const hashtagsOf = (text: string): string[] => found(text, hashtag);

/** Mentioned accounts without the @, as written. Lists (`@team/list`) are none. */
export const mentionsOf = (text: string): string[] => found(text, mention);

/** X does not tell names and tags apart by case. */
export const sameName = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();

/** X finds a tag with accents by its plain spelling, too. */
export const sameTag = (one: string, other: string): boolean => folded(one) === folded(other);

const folded = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

function found(text: string, pattern: RegExp): string[] {
  const addresses = [...text.matchAll(address)].map(({ index, 0: { length } }) => [
    index,
    index + length,
  ]);
  return [...text.matchAll(pattern)]
    .filter(({ index }) => !addresses.some(([start = 0, end = 0]) => index > start && index < end))
    .map(([, name = '']) => name);
}
