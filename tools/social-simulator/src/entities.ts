/** What X finds in a text. */

/** Hashtags without the #: at least one letter, not in the middle of a word. As written. */
export function hashtagsOf(text: string): string[] {
  const pattern = /(?<![\p{L}\p{M}\p{N}_&])[#＃]([\p{L}\p{M}\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_]*)/gu;
  return [...text.matchAll(pattern)].map(([, tag = '']) => tag);
}

/** Mentioned accounts without the @. As written. */
export function mentionsOf(text: string): string[] {
  return [...text.matchAll(/(?<![\w!@#$%&*])[@＠](\w{1,15})(?!\w)/g)].map(([, name = '']) => name);
}

/** Names and tags on X differ not by case. */
export const sameName = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();
