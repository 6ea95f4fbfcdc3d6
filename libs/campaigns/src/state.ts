import { defaultCampaign } from '@mosaicme/contracts';
import type { Campaign, CampaignState } from './schema';

/** The state at a moment: the times of a campaign open and close it without anybody's doing. */
export function stateAt(
  { state, opensAt, closesAt }: Pick<Campaign, 'state' | 'opensAt' | 'closesAt'>,
  now: Date,
): CampaignState {
  if (state === 'draft' || state === 'closed' || state === 'archived') return state;
  if (closesAt !== undefined && Date.parse(closesAt) <= now.getTime()) return 'closed';
  if (state === 'open') return 'open';
  return opensAt !== undefined && Date.parse(opensAt) <= now.getTime() ? 'open' : 'scheduled';
}

/** The name of the tile library from which a campaign's mosaics are made. */
export const libraryOf = ({ slug, library }: Pick<Campaign, 'slug' | 'library'>): string =>
  library === 'own' ? slug : defaultCampaign;
