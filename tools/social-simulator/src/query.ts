import { hashtagsOf, mentionsOf, sameName } from '@mosaicme/social';
import type { TimelinePost } from './timeline';

/** Longest query, in characters. */
const maxQuery = 512;

export type Query = (post: TimelinePost) => boolean;

const operators: readonly [RegExp, (argument: string) => Query][] = [
  [/^[#＃](\S+)$/u, (tag) => (post) => hashtagsOf(post.text).some(equals(tag))],
  [/^@(\w{1,15})$/, (name) => (post) => mentionsOf(post.text).some(equals(name))],
  [/^from:(\w{1,15})$/, (name) => (post) => sameName(post.author.username, name)],
  [/^has:media$/, () => (post) => post.photos.length > 0],
  [/^has:images$/, () => (post) => post.photos.some(({ kind = 'photo' }) => kind === 'photo')],
  [/^is:retweet$/, () => (post) => post.reposts !== undefined],
  [/^is:reply$/, () => (post) => post.inReplyTo !== undefined],
  [/^is:quote$/, () => (post) => post.quotes !== undefined],
];

const equals = (one: string) => (other: string) => sameName(one, other);

/**
 * The part of X's query language that is spoken here: hashtags, mentions, `from:`, `has:images`,
 * `has:media`, `is:retweet`, `is:reply`, `is:quote`, each with an optional minus, and groups of them as in
 * `(#one OR #two)`; all must hold.
 *
 * @throws RangeError naming the term that is not understood.
 */
export function parseQuery(text: string): Query {
  if (text.length > maxQuery) {
    throw new RangeError(`The query has ${text.length} characters and may have ${maxQuery}.`);
  }
  const terms = text.trim().match(/\([^()]*\)|\S+/g) ?? [''];
  const conditions = terms.map(parseTerm);
  if (terms.every((term) => /^-|^(?:has|is):/.test(term))) {
    throw new RangeError(
      'A query needs at least one term that stands alone, for example a hashtag.',
    );
  }
  return (post) => conditions.every((holds) => holds(post));
}

function parseTerm(term: string): Query {
  const group = /^\((.*)\)$/.exec(term)?.[1];
  if (group !== undefined) {
    const choices = group
      .trim()
      .split(/\s+OR\s+/)
      .map(parseTerm);
    return (post) => choices.some((holds) => holds(post));
  }
  const negated = term.startsWith('-');
  const positive = negated ? term.slice(1) : term;
  for (const [pattern, build] of operators) {
    const match = pattern.exec(positive);
    if (!match) continue;
    const holds = build(match[1] ?? '');
    return negated ? (post) => !holds(post) : holds;
  }
  throw new RangeError(`The simulator does not understand the query term '${term}'.`);
}
