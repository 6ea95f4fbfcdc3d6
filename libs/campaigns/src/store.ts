import {
  campaignSlugSchema,
  defaultCampaign,
  prefixes,
  type BucketNames,
  type ObjectKeys,
} from '@mosaicme/contracts';
import { isPermanent, messageOf, PermanentError } from '@mosaicme/errors';
import { readRecord, updateRecord, type ObjectStore } from '@mosaicme/object-store';
import { campaignSchema, type Campaign } from './schema';

export interface CampaignPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
}

/** A campaign, or why its record cannot be used. */
export type Found =
  | { readonly slug: string; readonly campaign: Campaign }
  | { readonly slug: string; readonly fault: string };

/** The campaign that the variables describe, as long as nobody stored a record for it. */
export const campaignOfVariables = (): Campaign =>
  campaignSchema.parse({ slug: defaultCampaign, state: 'open' });

/**
 * Reads a campaign. The campaign `default` is always there.
 *
 * @returns Undefined where there is none.
 */
export async function readCampaign(
  { store, keys }: CampaignPorts,
  slug: string,
): Promise<Found | undefined> {
  if (!campaignSlugSchema.safeParse(slug).success) return undefined;
  try {
    const found = await readRecord(store, keys.campaign(slug), campaignSchema);
    if (found && found.record.slug !== slug) {
      return { slug, fault: `slug: the record names '${found.record.slug}' instead of '${slug}'` };
    }
    if (found) return { slug, campaign: found.record };
    return slug === defaultCampaign ? { slug, campaign: campaignOfVariables() } : undefined;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    return { slug, fault: messageOf(error) };
  }
}

/** Every campaign by slug, `default` first; a damaged record hides no other. */
export async function listCampaigns(ports: CampaignPorts): Promise<Found[]> {
  const { store, buckets } = ports;
  const slugs = new Set([defaultCampaign]);
  for await (const { key } of store.list(buckets.in, { prefix: prefixes.campaigns })) {
    const slug = /^campaigns\/(.+)\.json$/.exec(key)?.[1];
    if (slug !== undefined && campaignSlugSchema.safeParse(slug).success) slugs.add(slug);
  }
  const found = await Promise.all([...slugs].map((slug) => readCampaign(ports, slug)));
  return found.filter((each) => each !== undefined);
}

/**
 * Changes a campaign by compare-and-swap, or makes it.
 *
 * @param change Gets what is stored, or a draft. It may break the schema; that is refused.
 * @throws PermanentError `campaign.invalid` naming what is wrong, and where.
 */
export async function updateCampaign(
  { store, keys }: CampaignPorts,
  slug: string,
  change: (current: Campaign) => unknown,
): Promise<Campaign> {
  const name = campaignSlugSchema.safeParse(slug);
  if (!name.success) throw invalid(slug, `slug: ${name.error.issues[0]?.message}`);
  const fresh =
    slug === defaultCampaign
      ? campaignOfVariables()
      : campaignSchema.parse({ slug, state: 'draft' });
  const stored = await updateRecord(store, keys.campaign(slug), campaignSchema, (current) => {
    const changed = campaignSchema.safeParse(change(current ?? fresh));
    if (!changed.success) {
      throw invalid(
        slug,
        changed.error.issues
          .map(({ path, message }) => `${path.join('.') || 'campaign'}: ${message}`)
          .join('; '),
      );
    }
    if (changed.data.slug !== slug) throw invalid(slug, 'slug: a campaign keeps its name');
    return changed.data;
  });
  return stored ?? fresh;
}

const invalid = (slug: string, what: string): PermanentError =>
  new PermanentError('campaign.invalid', `The campaign '${slug}' cannot be stored: ${what}.`);
