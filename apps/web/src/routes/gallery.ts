import { Router, type Request, type Response } from 'express';
import type { Campaigns } from '../campaigns/campaigns';
import { campaignPath, type CampaignView } from '../campaigns/view';
import { readOnly } from '../http/methods';
import { pageOf, slugOf } from '../http/parameters';
import { readListing } from '../mosaics/listing';
import { toApiMosaic } from '../mosaics/present';
import { galleryPage } from '../pages/gallery';
import { siteOf } from '../pages/layout';
import type { Settings, WebPorts } from '../ports';

export type GalleryPorts = Pick<WebPorts, 'catalogue'> & { readonly campaigns: Campaigns };

/** The gallery of the first page: the mosaics of every campaign that is open. */
export function createGallery({ catalogue, campaigns }: GalleryPorts, settings: Settings) {
  return async (request: Request, response: Response): Promise<void> => {
    const shown = await campaigns.front();
    await sendGallery({ catalogue }, settings, { path: '/', campaigns: shown }, request, response);
  };
}

/** The first page, and the gallery of each campaign. */
export function galleryRoutes(ports: GalleryPorts, settings: Settings): Router {
  const routes = Router();
  routes.route('/').get(createGallery(ports, settings)).all(readOnly);
  routes
    .route('/c/:campaign')
    .get(async (request, response) => {
      const campaign = await ports.campaigns.get(slugOf(request));
      const path = campaignPath(campaign.slug);
      await sendGallery(ports, settings, { path, campaigns: [campaign] }, request, response);
    })
    .all(readOnly);
  return routes;
}

async function sendGallery(
  { catalogue }: Pick<WebPorts, 'catalogue'>,
  settings: Settings,
  { path, campaigns }: { readonly path: string; readonly campaigns: readonly CampaignView[] },
  request: Request,
  response: Response,
): Promise<void> {
  const wanted = pageOf(request, { defaultLimit: settings.pageSize });
  const slugs = campaigns.map(({ slug }) => slug);
  const listing = await readListing(catalogue, { ...wanted, campaigns: slugs });
  const [campaign] = campaigns;
  const site = siteOf(settings, campaigns.length === 1 ? campaign : undefined);
  const view = {
    path,
    campaigns,
    mosaics: listing.entries.map((entry) => toApiMosaic(entry, settings.publicUrl)),
    next: listing.next,
    count: listing.count,
    isFirstPage: wanted.after === undefined,
    isRebuilding: listing.isRebuilding,
  };
  response.set('Cache-Control', 'no-cache').type('html').send(galleryPage(site, view).toString());
}
