import {
  campaignSchema,
  listCampaigns,
  readCampaign,
  stateAt,
  updateCampaign,
  type Campaign,
  type CampaignPorts,
  type Found,
} from '@mosaicme/campaigns';
import { PermanentError } from '@mosaicme/errors';
import { clip, formatTable } from './format';

const reasonLength = 100;

/** All campaigns, a line each; a damaged one with what is wrong. */
export async function showCampaigns(
  ports: CampaignPorts,
  { json, now = new Date() }: { readonly json: boolean; readonly now?: Date },
): Promise<string> {
  const found = await listCampaigns(ports);
  if (json)
    return JSON.stringify(
      found.map((each) => withState(each, now)),
      undefined,
      2,
    );
  return formatTable(
    ['CAMPAIGN', 'STATE', 'TITLE', 'HASHTAGS', 'LIBRARY'],
    found.map((each) =>
      'campaign' in each
        ? [
            each.slug,
            stateAt(each.campaign, now),
            each.campaign.title ?? '',
            hashtagsOf(each.campaign),
            each.campaign.library,
          ]
        : [each.slug, 'damaged', clip(each.fault, reasonLength), '', ''],
    ),
  );
}

/** One campaign, whole. @throws PermanentError `campaign.unknown`. */
export async function showCampaign(
  ports: CampaignPorts,
  slug: string,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<string> {
  const found = await readCampaign(ports, slug);
  if (!found) throw unknown(slug);
  return JSON.stringify(withState(found, now), undefined, 2);
}

/**
 * Changes fields of a campaign, or makes it as a draft.
 *
 * @param settings `FIELD=VALUE` each, the field with dots for what lies in it: `style.cells=48`,
 *   `hashtags.x.requests=wall,expo`. An empty value removes the field.
 * @throws PermanentError `campaign.bad-setting` for what is no setting, `campaign.invalid` naming the
 *   field that the schema refuses.
 */
export async function setCampaign(
  ports: CampaignPorts,
  slug: string,
  settings: readonly string[],
): Promise<Campaign> {
  const changes = settings.map(readSetting);
  return updateCampaign(ports, slug, (current) => {
    const changed = structuredClone(current) as Record<string, unknown>;
    for (const { path, value } of changes) assign(changed, path, value);
    return changed;
  });
}

/** Replaces a campaign by a whole record. */
export async function replaceCampaign(
  ports: CampaignPorts,
  slug: string,
  json: string,
): Promise<Campaign> {
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch (cause) {
    throw new PermanentError(
      'campaign.bad-setting',
      `The record of the campaign '${slug}' is no JSON.`,
      { cause },
    );
  }
  return updateCampaign(ports, slug, () => record);
}

/** Opens a campaign now, or at a moment that is to come. */
export async function openCampaign(
  ports: CampaignPorts,
  slug: string,
  at: string | undefined,
): Promise<Campaign> {
  return updateCampaign(ports, await existing(ports, slug), (current) => {
    const { closesAt, ...rest } = current;
    const isOver = closesAt !== undefined && Date.parse(closesAt) <= Date.now();
    return {
      ...rest,
      ...(closesAt !== undefined && !isOver && { closesAt }),
      ...(at === undefined ? { state: 'open' } : { state: 'scheduled', opensAt: at }),
    };
  });
}

/** Closes a campaign now, or at a moment that is to come. Its mosaics stay. */
export async function closeCampaign(
  ports: CampaignPorts,
  slug: string,
  at: string | undefined,
): Promise<Campaign> {
  return updateCampaign(ports, await existing(ports, slug), (current) =>
    at === undefined
      ? { ...current, state: 'closed', closesAt: new Date().toISOString() }
      : { ...current, closesAt: at },
  );
}

async function existing(ports: CampaignPorts, slug: string): Promise<string> {
  if (!(await readCampaign(ports, slug))) throw unknown(slug);
  return slug;
}

const unknown = (slug: string): PermanentError =>
  new PermanentError(
    'campaign.unknown',
    `There is no campaign '${slug}'. 'mosaicme campaign list' shows those that there are; ` +
      `'mosaicme campaign set ${slug} title=…' makes it.`,
  );

const withState = (found: Found, now: Date) =>
  'campaign' in found ? { ...found.campaign, stateNow: stateAt(found.campaign, now) } : found;

const hashtagsOf = ({ hashtags }: Campaign): string =>
  Object.entries(hashtags)
    .flatMap(([network, { requests, tiles }]) => [
      ...requests.map((tag) => `${network}:#${tag}`),
      ...tiles.map((tag) => `${network}:#${tag} (tiles)`),
    ])
    .join(' ');

interface Setting {
  readonly path: readonly string[];
  /** Undefined where the field is removed. */
  readonly value: unknown;
}

/** Fields whose value is a list. */
const lists = new Set(['requests', 'tiles']);

function readSetting(text: string): Setting {
  const match = /^([a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)*)=(.*)$/s.exec(text);
  const [, field = '', value = ''] = match ?? [];
  const path = field.split('.');
  const known = Object.keys(campaignSchema.shape);
  if (!match || !known.includes(path[0] ?? '')) {
    throw new PermanentError(
      'campaign.bad-setting',
      `'${text}' is no setting of a campaign; write FIELD=VALUE, where FIELD begins with one of ` +
        `${known.join(', ')}.`,
    );
  }
  if (value === '') return { path, value: undefined };
  if (lists.has(path.at(-1) ?? '')) {
    return { path, value: value.split(',').map((tag) => tag.trim().replace(/^#/, '')) };
  }
  if (/^(?:true|false)$/.test(value)) return { path, value: value === 'true' };
  // A title may be a number; what is counted stands under style and limits.
  const isNumber = /^\d+$/.test(value) && ['style', 'limits'].includes(path[0] ?? '');
  return { path, value: isNumber ? Number(value) : value };
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [field = '', ...rest] = path;
  if (rest.length > 0) {
    const inner = { ...(target[field] as object | undefined) };
    assign(inner, rest, value);
    target[field] = inner;
  } else if (value === undefined) delete target[field];
  else target[field] = value;
}
