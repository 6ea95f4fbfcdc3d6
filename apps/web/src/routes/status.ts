import { Router } from 'express';
import { statusPage } from '../pages/status';
import type { Settings } from '../ports';
import type { StatusReport } from '../status/report';

/** The status page. */
export function statusRoutes(report: () => Promise<StatusReport>, settings: Settings): Router {
  const routes = Router();
  routes.get('/status', async (_request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .type('html')
      .send(statusPage(settings, await report()).toString());
  });
  return routes;
}
