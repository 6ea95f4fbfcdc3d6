import { stateAt, type Campaign, type CampaignState } from '@mosaicme/campaigns';
import { defaultCampaign } from '@mosaicme/contracts';
import type { Settings } from '../ports';

/** A campaign as its pages tell it. */
export interface CampaignView {
  readonly slug: string;
  readonly title: string;
  /** Of requests, without #; none where photos come by upload only. */
  readonly hashtags: readonly string[];
  readonly state: CampaignState;
  readonly opensAt?: string;
  /** In which `opensAt` is told. */
  readonly timeZone: string;
}

export const campaignPath = (slug: string): string => `/c/${slug}/`;
/** The short address is that of the campaign `default`. */
export const uploadPath = (slug: string): string =>
  slug === defaultCampaign ? '/upload' : `/c/${slug}/upload`;

/** What the variables say stands in for what the record of the campaign `default` does not say. */
export function viewOf(
  campaign: Campaign,
  settings: Pick<Settings, 'title' | 'hashtag'>,
  now: Date,
): CampaignView {
  const { slug, title, opensAt, timeZone } = campaign;
  const isDefault = slug === defaultCampaign;
  const hashtags = hashtagsOf(campaign);
  return {
    slug,
    title: title ?? (isDefault ? settings.title : slug),
    hashtags: hashtags.length === 0 && isDefault ? [settings.hashtag] : hashtags,
    state: stateAt(campaign, now),
    ...(opensAt !== undefined && { opensAt }),
    timeZone,
  };
}

/** The hashtags of all networks, each once; hashtags ignore case. */
function hashtagsOf({ hashtags }: Campaign): string[] {
  const found = new Map<string, string>();
  for (const { requests } of Object.values(hashtags)) {
    for (const hashtag of requests) {
      const key = hashtag.toLowerCase();
      if (!found.has(key)) found.set(key, hashtag);
    }
  }
  return [...found.values()];
}

/** Can its gallery be seen? A draft is not public yet. */
export const isPublic = ({ state }: Pick<CampaignView, 'state'>): boolean => state !== 'draft';

/**
 * The campaigns whose mosaics the first page shows: those that are open; where none is, those that were.
 */
export function onFirstPage(campaigns: readonly CampaignView[]): readonly CampaignView[] {
  const open = campaigns.filter(({ state }) => state === 'open');
  return open.length > 0 ? open : campaigns.filter(({ state }) => state === 'closed');
}
