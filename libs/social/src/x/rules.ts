import type { StreamingV2Rule } from 'twitter-api-v2';
import { PermanentError } from '@mosaicme/errors';

/**
 * The query for posts with one of the hashtags and a photo, without reposts; the same for stream and
 * search.
 *
 * @param hashtags At least one, each without the leading #.
 * @throws PermanentError `x.bad-hashtag` for what X would never match as one hashtag.
 */
export function hashtagQuery(hashtags: readonly string[]): string {
  const terms = hashtags.map(hashtagTerm);
  const anyOfThem = terms.length === 1 ? terms[0] : `(${terms.join(' OR ')})`;
  return `${anyOfThem} has:images -is:retweet`;
}

function hashtagTerm(hashtag: string): string {
  if (!/^[\p{L}\p{M}\p{N}_]{1,139}$/u.test(hashtag) || !/\p{L}/u.test(hashtag)) {
    throw new PermanentError(
      'x.bad-hashtag',
      `'${hashtag}' is no hashtag on X: use letters, digits and underscores, at least one letter, ` +
        `at most 139 characters, and leave out the leading #.`,
    );
  }
  return `#${hashtag}`;
}

export interface RulePlan {
  readonly add: readonly { readonly value: string; readonly tag: string }[];
  readonly remove: readonly string[];
  /** Ids of the rules whose posts are ours. */
  readonly own: readonly string[];
}

/**
 * What to change so that the app's stream carries the query. All clients of an app share its rules: a
 * rule with another tag belongs to someone else and stays. If someone else's rule has the same query, it
 * is used too, because X refuses the same query twice.
 */
export function planRules(
  present: readonly StreamingV2Rule[],
  wanted: { readonly value: string; readonly tag: string },
): RulePlan {
  const matching = present.filter((rule) => sameQuery(rule.value, wanted.value));
  const stale = present.filter(
    (rule) => rule.tag === wanted.tag && !sameQuery(rule.value, wanted.value),
  );
  return {
    add: matching.length > 0 ? [] : [wanted],
    remove: stale.map((rule) => rule.id),
    own: matching.map((rule) => rule.id),
  };
}

const sameQuery = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
