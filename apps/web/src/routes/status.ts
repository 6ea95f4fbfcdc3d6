import { Router } from 'express';
import { readOnly } from '../http/methods';
import { siteOf } from '../pages/layout';
import { statusPage } from '../pages/status';
import type { Settings } from '../ports';
import type { StatusReport } from '../status/report';

/** The status page. */
export function statusRoutes(report: () => Promise<StatusReport>, settings: Settings): Router {
  const routes = Router();
  routes
    .route('/status')
    .get(async (_request, response) => {
      response
        .set('Cache-Control', 'no-store')
        .type('html')
        .send(statusPage(siteOf(settings), await report()).toString());
    })
    .all(readOnly);
  return routes;
}
