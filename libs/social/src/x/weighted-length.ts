/** X's limit for a post, in weighted characters. */
export const maxPostWeight = 280;

/** Every URL is wrapped by t.co and weighs this much, however long it is. */
export const urlWeight = 23;

/** Code points of weight 1; every other one weighs 2 (twitter-text, configuration v3). */
const lightRanges: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];

/** URLs with a scheme, and bare domains, which X links too. */
const linkLike = /https?:\/\/\S+|(?<![\w@.])(?:[\w-]+\.)+[a-z]{2,}(?:\/\S*)?/giu;

/**
 * An emoji, however many code points it has; it weighs as much as one character. Built at run time,
 * because the flag is younger than the compiler's target.
 */
const emoji = new RegExp('\\p{RGI_Emoji}', 'gv');
const heavyCharacter = '字';

/**
 * The length of a post as X counts it. Never less than X's own count: an emoji younger than this Node
 * weighs more here, and what only looks like a domain weighs at least as much as a URL.
 */
export function weightedLength(text: string): number {
  let links = 0;
  const rest = text.normalize('NFC').replace(linkLike, (link) => {
    const isUrl = /^https?:/i.test(link);
    links += isUrl ? urlWeight : Math.max(urlWeight, characterWeight(link));
    return '';
  });
  return links + characterWeight(rest.replace(emoji, heavyCharacter));
}

function characterWeight(text: string): number {
  let weight = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    weight += lightRanges.some(([first, last]) => codePoint >= first && codePoint <= last) ? 1 : 2;
  }
  return weight;
}
