import { campaignOfVariables, type Campaign, type CampaignDirectory } from '@mosaicme/campaigns';
import { defaultCampaign } from '@mosaicme/contracts';
import { codeOf, messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { HttpProblem, notFound } from '../http/problem';
import type { Settings } from '../ports';
import { isPublic, onFirstPage, viewOf, type CampaignView } from './view';

/** The campaigns as the pages need them. */
export interface Campaigns {
  /** All that are public, `default` first. While the store is away: as they were last known. */
  all(): Promise<readonly CampaignView[]>;
  /** Those whose mosaics the first page shows. */
  front(): Promise<readonly CampaignView[]>;
  /** Undefined where there is none, or none that is public. */
  find(slug: string): Promise<CampaignView | undefined>;
  /** @throws HttpProblem 404 where there is none, or none that is public. */
  get(slug: string): Promise<CampaignView>;
}

/** The campaigns of the installation, with what the variables say of the campaign `default`. */
export function createCampaigns(
  directory: CampaignDirectory,
  settings: Pick<Settings, 'title' | 'hashtag'>,
  logger: Logger,
  now: () => Date = () => new Date(),
): Campaigns {
  let known: readonly Campaign[] = [campaignOfVariables()];
  const all = async (): Promise<readonly CampaignView[]> => {
    try {
      known = await directory.all();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      logger.warn({ reason: messageOf(error) }, 'the campaigns cannot be read at the moment');
    }
    return known.map((campaign) => viewOf(campaign, settings, now())).filter(isPublic);
  };
  return {
    all,
    front: async () => onFirstPage(await all()),
    find: async (slug) => (await all()).find((each) => each.slug === slug),
    async get(slug) {
      const campaign = (await all()).find((each) => each.slug === slug);
      if (campaign) return campaign;
      // It may be younger than the list.
      const found = await directory.get(slug).catch((error: unknown) => {
        throw codeOf(error) === 'campaign.unknown' ? unknown() : error;
      });
      const view = viewOf(found, settings, now());
      if (!isPublic(view)) throw unknown();
      return view;
    },
  };
}

const unknown = (): HttpProblem =>
  notFound('There is no event at this address. Perhaps it has not been announced yet.');

/** @throws HttpProblem 403 saying why a campaign takes no photos, and when it will. */
export function checkOpen({ slug, title, state, opensAt, timeZone }: CampaignView): void {
  if (state === 'open') return;
  const name = slug === defaultCampaign ? 'This gallery' : `'${title}'`;
  if (state === 'scheduled' && opensAt !== undefined) {
    const when = new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone,
    }).format(new Date(opensAt));
    throw new HttpProblem(
      403,
      'campaign.scheduled',
      `${name} takes photos from ${when} (${timeZone}). Please come back then.`,
    );
  }
  throw new HttpProblem(
    403,
    'campaign.closed',
    `${name} has closed and takes no more photos. All mosaics that were made stay here to be seen.`,
  );
}
