import type { Request, RequestHandler } from 'express';
import { HttpProblem } from './problem';

/**
 * Refuses what another site makes a visitor's browser send (cross-site request forgery). Browsers say
 * where a form comes from by `Sec-Fetch-Site` or `Origin`; a client that says neither is no browser, and
 * no visitor's authority can be misused by it.
 *
 * @param publicUrl The origin under which visitors reach the site.
 */
export function sameOriginOnly(publicUrl: string): RequestHandler {
  return (request, _response, next) => {
    next(isFromHere(request, publicUrl) ? undefined : crossSite());
  };
}

function isFromHere(request: Request, publicUrl: string): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = request.get('origin');
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === request.get('host');
}

const crossSite = (): HttpProblem =>
  new HttpProblem(
    403,
    'request.cross-site',
    'Another site tried to send this in your name. Please open the upload page of this gallery and send it there.',
  );
