import type { RequestHandler } from 'express';
import { HttpProblem } from './problem';

/** Ends a route: what came here asked for something else than the route can do. */
export function onlyAllow(...methods: readonly string[]): RequestHandler {
  const allowed = methods.join(', ');
  return (request, _response, next) => {
    next(
      new HttpProblem(
        405,
        'method.not-allowed',
        `'${request.method}' is not possible at this address; possible are ${allowed}.`,
        { Allow: allowed },
      ),
    );
  };
}

/** The end of a route that can only be read. */
export const readOnly = onlyAllow('GET', 'HEAD');
