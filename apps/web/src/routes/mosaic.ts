import { once } from 'node:events';
import { Router, type Request, type Response } from 'express';
import { idOf, prefersHtml } from '../http/parameters';
import { notFound } from '../http/problem';
import type { Lookup, RequestState } from '../mosaics/lookup';
import { toApiMosaic, toOriginalMosaic } from '../mosaics/present';
import { failureText } from '../pages/failure';
import { failedPage, mosaicPage, waitingPage } from '../pages/mosaic';
import type { Settings, WebPorts } from '../ports';
import { createGallery } from './gallery';

const pageOfList = 200;

/**
 * The addresses of the original MosaicMe, `/mosaic/` and `/mosaic/:id/`: JSON for its clients, pages
 * for browsers.
 */
export function mosaicRoutes(
  { catalogue }: Pick<WebPorts, 'catalogue'>,
  lookup: Lookup,
  settings: Settings,
): Router {
  const routes = Router();
  const { publicUrl } = settings;
  const gallery = createGallery({ catalogue }, settings);

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

  routes.get('/mosaic', async (request, response) => {
    response.vary('Accept');
    await (prefersHtml(request) ? gallery : listAll)(request, response);
  });

  routes.get('/mosaic/:id', async (request, response) => {
    const id = idOf(request);
    const found = await lookup(id);
    response.vary('Accept').set('Cache-Control', 'no-cache');
    if (prefersHtml(request)) sendPage(response, settings, id, found);
    else sendOriginal(response, settings, found);
  });

  return routes;
}

function sendPage(response: Response, settings: Settings, id: string, found: RequestState): void {
  switch (found.state) {
    case 'published': {
      const mosaic = toApiMosaic(found.entry, settings.publicUrl);
      response.type('html').send(mosaicPage(settings, mosaic).toString());
      return;
    }
    case 'failed':
      response.type('html').send(failedPage(settings, found.failure).toString());
      return;
    case 'waiting':
      response.type('html').send(waitingPage(settings, id).toString());
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
    case 'unknown':
      throw notFound('There is no mosaic with this id.');
  }
}
