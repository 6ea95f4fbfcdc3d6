import { campaignSlugSchema } from '@mosaicme/contracts';
import { Router, type Request } from 'express';
import type { Campaigns } from '../campaigns/campaigns';
import { campaignPath, type CampaignView } from '../campaigns/view';
import { readOnly } from '../http/methods';
import { idOf, pageOf } from '../http/parameters';
import { HttpProblem, notFound } from '../http/problem';
import { readListing } from '../mosaics/listing';
import type { Lookup, RequestState } from '../mosaics/lookup';
import { mosaicPath, toApiMosaic } from '../mosaics/present';
import { failureText } from '../pages/failure';
import type { Settings, WebPorts } from '../ports';
import type { StatusReport } from '../status/report';

/** The JSON API. Errors are `{"error":{"code","message"}}`. */
export function apiRoutes(
  { catalogue, tileCredit }: Pick<WebPorts, 'catalogue' | 'tileCredit'>,
  campaigns: Campaigns,
  lookup: Lookup,
  report: () => Promise<StatusReport>,
  settings: Settings,
): Router {
  const { publicUrl } = settings;
  const routes = Router();
  routes.use((_request, response, next) => {
    response.set('Cache-Control', 'no-cache');
    next();
  });

  routes
    .route('/mosaics')
    .get(async (request, response) => {
      const wanted = pageOf(request, { defaultLimit: settings.pageSize });
      const slugs = (await wantedCampaigns(request)).map(({ slug }) => slug);
      const listing = await readListing(catalogue, { ...wanted, campaigns: slugs });
      response.json({
        mosaics: listing.entries.map((entry) => toApiMosaic(entry, publicUrl)),
        next: listing.next ?? null,
        count: listing.count,
        isRebuilding: listing.isRebuilding,
      });
    })
    .all(readOnly);

  /** `?campaign=`; without it, those of the first page. */
  const wantedCampaigns = async (request: Request): Promise<readonly CampaignView[]> => {
    const { campaign } = request.query;
    if (campaign === undefined || campaign === '') return campaigns.front();
    const slug = campaignSlugSchema.safeParse(campaign);
    if (!slug.success) throw new HttpProblem(400, 'campaign.invalid', `'campaign' is no slug.`);
    return [await campaigns.get(slug.data)];
  };

  routes
    .route('/campaigns')
    .get(async (_request, response) => {
      const all = await campaigns.all();
      response.json({
        campaigns: all.map((campaign) => ({
          ...campaign,
          url: publicUrl + campaignPath(campaign.slug),
        })),
      });
    })
    .all(readOnly);

  routes
    .route('/mosaics/:id')
    .get(async (request, response) => {
      const found = await lookup(idOf(request));
      if (found.state !== 'published') throw notFound('There is no finished mosaic with this id.');
      response.json(toApiMosaic(found.entry, publicUrl));
    })
    .all(readOnly);

  routes
    .route('/requests/:id')
    .get(async (request, response) => {
      const id = idOf(request);
      const found = await lookup(id);
      if (found.state === 'unknown') throw notFound('There is no request with this id.');
      response.json({ id, url: publicUrl + mosaicPath(id), ...stateOf(found, publicUrl) });
    })
    .all(readOnly);

  routes
    .route('/tiles/:id')
    .get(async (request, response) => {
      const credit = await tileCredit(idOf(request));
      if (!credit) throw notFound('It is not known whose photo this is.');
      response.json(credit);
    })
    .all(readOnly);

  routes
    .route('/status')
    .get(async (_request, response) => {
      response.json(await report());
    })
    .all(readOnly);

  return routes;
}

function stateOf(found: Exclude<RequestState, { state: 'unknown' }>, publicUrl: string) {
  switch (found.state) {
    case 'published':
      return { state: found.state, mosaic: toApiMosaic(found.entry, publicUrl) };
    case 'failed':
      return {
        state: found.state,
        code: found.failure.code,
        reason: failureText(found.failure).explanation,
      };
    case 'waiting':
      return { state: found.state, stage: found.stage };
    case 'withdrawn':
      return { state: found.state };
  }
}
