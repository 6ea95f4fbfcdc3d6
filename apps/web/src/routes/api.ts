import { Router } from 'express';
import { idOf, pageOf } from '../http/parameters';
import { notFound } from '../http/problem';
import { readListing } from '../mosaics/listing';
import type { Lookup, RequestState } from '../mosaics/lookup';
import { mosaicPath, toApiMosaic } from '../mosaics/present';
import { failureText } from '../pages/failure';
import type { Settings, WebPorts } from '../ports';
import type { StatusReport } from '../status/report';

/** The JSON API. Errors are `{"error":{"code","message"}}`. */
export function apiRoutes(
  { catalogue, tileCredit }: Pick<WebPorts, 'catalogue' | 'tileCredit'>,
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

  routes.get('/mosaics', async (request, response) => {
    const wanted = pageOf(request, { defaultLimit: settings.pageSize });
    const { entries, next, count, isRebuilding } = await readListing(catalogue, wanted);
    response.json({
      mosaics: entries.map((entry) => toApiMosaic(entry, publicUrl)),
      next: next ?? null,
      count,
      isRebuilding,
    });
  });

  routes.get('/mosaics/:id', async (request, response) => {
    const found = await lookup(idOf(request));
    if (found.state !== 'published') throw notFound('There is no finished mosaic with this id.');
    response.json(toApiMosaic(found.entry, publicUrl));
  });

  routes.get('/requests/:id', async (request, response) => {
    const id = idOf(request);
    const found = await lookup(id);
    if (found.state === 'unknown') throw notFound('There is no request with this id.');
    response.json({ id, url: publicUrl + mosaicPath(id), ...stateOf(found, publicUrl) });
  });

  routes.get('/tiles/:id', async (request, response) => {
    const credit = await tileCredit(idOf(request));
    if (!credit) throw notFound('It is not known whose photo this is.');
    response.json(credit);
  });

  routes.get('/status', async (_request, response) => {
    response.json(await report());
  });

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
      return { state: found.state };
  }
}
