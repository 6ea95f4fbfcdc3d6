import { DeferredError, PermanentError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { Campaign } from './schema';
import { listCampaigns, readCampaign, type CampaignPorts, type Found } from './store';

export interface DirectoryOptions {
  /** Milliseconds after which a record is read again. 5,000 unless given. */
  readonly maxAgeMs?: number;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** The campaigns as an app knows them: read now and then, because every request asks for one. */
export interface CampaignDirectory {
  /**
   * @throws PermanentError `campaign.unknown` where there is none.
   * @throws DeferredError `campaign.damaged` where its record breaks the schema, with what is wrong and
   *   where: only this campaign's work waits until it is corrected.
   */
  get(slug: string): Promise<Campaign>;
  /** All campaigns whose records are sound; a damaged one is logged. */
  all(): Promise<readonly Campaign[]>;
}

const defaultMaxAgeMs = 5_000;
/** Work of a campaign whose record is damaged waits so long, in milliseconds. */
const repairMs = 30_000;

/** Opens the directory of campaigns of an installation. */
export function openCampaigns(
  ports: CampaignPorts,
  { maxAgeMs = defaultMaxAgeMs, logger, now = Date.now }: DirectoryOptions,
): CampaignDirectory {
  const remember = <Value>(read: () => Promise<Value>) => {
    let known: { readonly readAt: number; readonly value: Promise<Value> } | undefined;
    return (): Promise<Value> => {
      if (!known || now() - known.readAt > maxAgeMs) {
        const reading = { readAt: now(), value: read() };
        known = reading;
        reading.value.catch(() => {
          // A failed reading must not be remembered.
          if (known === reading) known = undefined;
        });
      }
      return known.value;
    };
  };

  const faults = new Map<string, string>();
  const report = (found: Found): void => {
    const fault = 'fault' in found ? found.fault : undefined;
    if (fault === undefined) faults.delete(found.slug);
    else if (faults.get(found.slug) !== fault) {
      faults.set(found.slug, fault);
      logger.error(
        { campaign: found.slug, reason: fault },
        `the campaign '${found.slug}' stands still: its record is damaged`,
      );
    }
  };

  const single = new Map<string, () => Promise<Found | undefined>>();
  const list = remember(async () => {
    const found = await listCampaigns(ports);
    found.forEach(report);
    return found.flatMap((each) => ('campaign' in each ? [each.campaign] : []));
  });
  return {
    async get(slug) {
      let read = single.get(slug);
      if (!read) single.set(slug, (read = remember(() => readCampaign(ports, slug))));
      const found = await read();
      if (!found) {
        single.delete(slug);
        throw new PermanentError(
          'campaign.unknown',
          `There is no campaign '${slug}'. 'mosaicme campaign list' shows those that there are.`,
        );
      }
      report(found);
      if ('campaign' in found) return found.campaign;
      throw new DeferredError(
        'campaign.damaged',
        `The record of the campaign '${slug}' is damaged: ${found.fault} ` +
          `Correct it with 'mosaicme campaign set ${slug}'.`,
        new Date(now() + repairMs),
      );
    },
    all: list,
  };
}
