import { libraryOf, stateAt, type Campaign } from '@mosaicme/campaigns';
import { defaultCampaign } from '@mosaicme/contracts';
import { sameTag, type NetworkId, type Post } from '@mosaicme/social';
import type { CollectorRole } from './role';

/** A campaign, and the hashtags that it wants from one network. */
export interface Wanted {
  readonly campaign: Campaign;
  /** Without the #. */
  readonly tags: readonly string[];
}

/**
 * What campaigns want from a network. The variables say it for the campaign `default`, as long as its
 * record names no hashtags for that network.
 */
export function wantedFrom(
  campaigns: readonly Campaign[],
  network: NetworkId['name'],
  takes: CollectorRole['takes'],
  variables: readonly string[],
): Wanted[] {
  return campaigns.flatMap((campaign) => {
    const { requests = [], tiles = [] } = campaign.hashtags[network] ?? {};
    const own = takes === 'requests' ? requests : tiles;
    const tags = own.length === 0 && campaign.slug === defaultCampaign ? variables : own;
    return tags.length > 0 ? [{ campaign, tags }] : [];
  });
}

/** The hashtags to be followed now: those of the campaigns that are open. Sorted, each once. */
export function tagsToFollow(wanted: readonly Wanted[], now: Date): string[] {
  const open = wanted.filter(({ campaign }) => stateAt(campaign, now) === 'open');
  return [...new Set(open.flatMap(({ tags }) => tags.map((tag) => tag.toLowerCase())))].sort();
}

/** Where a post belongs: one campaign each, and whether it takes the post. */
export interface Destination {
  readonly campaign: Campaign;
  /** False for a post of after the closing: it is recorded as too late. */
  readonly isOpen: boolean;
}

/**
 * The campaigns that want a post by its hashtags. One that is a draft or archived wants none; a closed
 * one takes what was posted before its closing and is told late.
 */
export function destinationsOf(
  post: Pick<Post, 'tags' | 'postedAt'>,
  wanted: readonly Wanted[],
  now: Date,
): Destination[] {
  return wanted.flatMap(({ campaign, tags }) => {
    if (!post.tags.some((own) => tags.some((tag) => sameTag(own, tag)))) return [];
    const state = stateAt(campaign, now);
    if (state === 'open') return [{ campaign, isOpen: true }];
    if (state !== 'closed') return [];
    const closedAt = campaign.closesAt === undefined ? undefined : Date.parse(campaign.closesAt);
    const inTime = closedAt !== undefined && post.postedAt.getTime() < closedAt;
    return [{ campaign, isOpen: inTime }];
  });
}

/** The tile libraries that a photo is for: campaigns may share one. */
export const librariesOf = (destinations: readonly Destination[]): string[] => [
  ...new Set(
    destinations.filter(({ isOpen }) => isOpen).map(({ campaign }) => libraryOf(campaign)),
  ),
];
