import { once } from 'node:events';
import { Router, type Request, type Response } from 'express';
import { readOnly } from '../http/methods';
import { idOf, prefersHtml } from '../http/parameters';
import { notFound } from '../http/problem';
import type { Lookup, RequestState } from '../mosaics/lookup';
import { toApiMosaic, toOriginalMosaic } from '../mosaics/present';
import { failureText } from '../pages/failure';
import { siteOf, type Site } from '../pages/layout';
import { mosaicPage } from '../pages/mosaic';
import { failedPage, waitingPage, withdrawnPage } from '../pages/request';
import type { Settings } from '../ports';
import { createGallery, type GalleryPorts } from './gallery';

const pageOfList = 200;

/**
 * The addresses of the original MosaicMe, `/mosaic/` and `/mosaic/:id/`: JSON for its clients, pages
 * for browsers.
 */
export function mosaicRoutes(
  { catalogue, campaigns }: GalleryPorts,
  lookup: Lookup,
  settings: Settings,
): Router {
  const routes = Router();
  const { publicUrl } = settings;
  const gallery = createGallery({ catalogue, campaigns }, settings);

  /** All mosaics in one answer, as the original does; written page by page, so memory stays small. */
  const listAll = async (request: Request, response: Response): Promise<void> => {
    let after: string | undefined;
    let size = 0;
    response.set('Cache-Control', 'no-cache').type('json');
    do {
      const { entries, next } = await catalogue.list({
        limit: pageOfList,
        ...(after === undefined ? {} : { after }),
      });
      let text = after === undefined ? '{"mosaics":[' : '';
      for (const entry of entries) {
        text += (size === 0 ? '' : ',') + JSON.stringify(toOriginalMosaic(entry, publicUrl));
        size += 1;
      }
      const hasRoom = response.write(text);
      if (!hasRoom && !response.destroyed) {
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
      after = next;
    } while (after !== undefined && !response.destroyed);
    response.end(`],"size":${size}}`);
  };

  routes
    .route('/mosaic')
    .get(async (request, response) => {
      response.vary('Accept');
      await (prefersHtml(request) ? gallery : listAll)(request, response);
    })
    .all(readOnly);

  routes
    .route('/mosaic/:id')
    .get(async (request, response) => {
      const id = idOf(request);
      const found = await lookup(id);
      response.vary('Accept').set('Cache-Control', 'no-cache');
      if (prefersHtml(request)) sendPage(response, settings, await siteFor(found), id, found);
      else sendOriginal(response, settings, found);
    })
    .all(readOnly);

  /** The site as the campaign of a request knows it; a campaign that is gone costs its title only. */
  const siteFor = async (found: RequestState): Promise<Site> => {
    const slug = campaignOf(found);
    const campaign = slug === undefined ? undefined : await campaigns.find(slug);
    return siteOf(settings, campaign);
  };

  return routes;
}

function campaignOf(found: RequestState): string | undefined {
  if (found.state === 'published') return found.entry.mosaic.campaign;
  return 'campaign' in found ? found.campaign : undefined;
}

function sendPage(
  response: Response,
  settings: Settings,
  site: Site,
  id: string,
  found: RequestState,
): void {
  response.type('html');
  switch (found.state) {
    case 'published': {
      const mosaic = toApiMosaic(found.entry, settings.publicUrl);
      response.send(mosaicPage(site, mosaic).toString());
      return;
    }
    case 'failed':
      response.send(failedPage(site, found.failure).toString());
      return;
    case 'waiting':
      response.send(waitingPage(site, id, found.stage).toString());
      return;
    case 'withdrawn':
      response.status(410).send(withdrawnPage(site).toString());
      return;
    case 'unknown':
      throw notFound('There is no mosaic at this address. Perhaps its post was deleted.');
  }
}

/** The original knows finished mosaics only; for everything else it answers 404 with the reason. */
function sendOriginal(response: Response, settings: Settings, found: RequestState): void {
  switch (found.state) {
    case 'published':
      response.json(toOriginalMosaic(found.entry, settings.publicUrl));
      return;
    case 'failed':
      throw notFound(failureText(found.failure).explanation);
    case 'waiting':
      throw notFound('The mosaic is not finished yet. Please ask again in a few seconds.');
    case 'withdrawn':
      throw notFound('The photo of this mosaic was withdrawn.');
    case 'unknown':
      throw notFound('There is no mosaic with this id.');
  }
}
