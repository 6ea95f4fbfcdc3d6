import { createHash } from 'node:crypto';
import type { StreamingV2Rule } from 'twitter-api-v2';
import { PermanentError } from '@mosaicme/errors';
import { isHashtag } from './entities';

/** Longest query of recent search, in characters; stream rules take at least as many. */
const maxQuery = 512;
const suffix = ' has:images -is:retweet';
/** Longest part of a rule's tag that lists hashtags. */
const maxListed = 100;

/**
 * The queries for posts with one of the hashtags and a photo, without reposts; the same for stream and
 * search. As few as hold all hashtags within X's limit.
 *
 * @param hashtags At least one, each without the leading #.
 * @throws PermanentError `x.bad-hashtag` for what X would never match as one hashtag.
 */
export function hashtagQueries(hashtags: readonly string[]): string[] {
  const groups: string[][] = [];
  for (const term of new Set(hashtags.map(hashtagTerm))) {
    const last = groups.at(-1);
    if (last && queryOf([...last, term]).length <= maxQuery) last.push(term);
    else groups.push([term]);
  }
  return groups.map(queryOf);
}

function queryOf(terms: readonly string[]): string {
  return `${terms.length === 1 ? terms[0] : `(${terms.join(' OR ')})`}${suffix}`;
}

function hashtagTerm(hashtag: string): string {
  if (!isHashtag(hashtag) || hashtag.length > 139) {
    throw new PermanentError(
      'x.bad-hashtag',
      `'${hashtag}' is no hashtag on X: use letters, digits and underscores, at least one letter, ` +
        `at most 139 characters, and leave out the leading #.`,
    );
  }
  return `#${hashtag}`;
}

/** What a follower wants of the app's stream. */
export interface WantedRules {
  readonly queries: readonly string[];
  /** Its lasting name. Rules of that name with other hashtags are left over from before. */
  readonly name: string;
  readonly hashtags: readonly string[];
}

/** Marks the rules of a follower: its name and what it follows. */
export function ruleTag({ name, hashtags }: Pick<WantedRules, 'name' | 'hashtags'>): string {
  const listed = hashtags.map((tag) => tag.toLowerCase()).join(',');
  const digest = createHash('sha256').update(listed).digest('hex').slice(0, 16);
  return `${name}:${listed.length <= maxListed ? listed : digest}`;
}

export interface RulePlan {
  readonly add: readonly { readonly value: string; readonly tag: string }[];
  readonly remove: readonly string[];
  /** Ids of the rules whose posts are ours. */
  readonly own: readonly string[];
}

/**
 * What to change so that the app's stream carries the queries. All clients of an app share its rules: a
 * rule of another name belongs to someone else and stays. If someone else's rule has the same query, it
 * is used too, because X refuses the same query twice.
 */
export function planRules(present: readonly StreamingV2Rule[], wanted: WantedRules): RulePlan {
  const tag = ruleTag(wanted);
  const isWanted = (value: string) => wanted.queries.some((query) => sameQuery(query, value));
  return {
    add: wanted.queries
      .filter((query) => !present.some(({ value }) => sameQuery(value, query)))
      .map((value) => ({ value, tag })),
    remove: present
      .filter((rule) => rule.tag?.startsWith(`${wanted.name}:`) && !isWanted(rule.value))
      .map(({ id }) => id),
    own: present.filter(({ value }) => isWanted(value)).map(({ id }) => id),
  };
}

const sameQuery = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
