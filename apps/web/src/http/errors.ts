import { codeOf, isPermanent, messageOf, TransientError } from '@mosaicme/errors';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { errorPage } from '../pages/error';
import type { Site } from '../pages/layout';
import { badCursor, prefersHtml } from './parameters';
import { HttpProblem, notFound } from './problem';
import { loggerOf, requestIdOf } from './request-log';

/** Answers what no route took. */
export const unknownAddress: RequestHandler = (_request, _response, next) => {
  next(notFound('There is nothing at this address.'));
};

/**
 * Turns what was thrown into an answer: a page for a browser, `{"error":{code,message}}` for the API,
 * `{"error": message}` at the addresses of the original. Only an HttpProblem speaks for itself; of
 * everything else the visitor learns that it went wrong, and the log the rest.
 */
export function errorHandler(site: Site): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error, requestIdOf(response));
    if (problem.status >= 500) loggerOf(response).error({ error }, messageOf(error));
    if (response.headersSent) {
      // Too late for another answer; cutting the connection tells the client that this one is broken.
      response.destroy();
      return;
    }
    for (const header of describingHeaders) response.removeHeader(header);
    response.status(problem.status).set({ 'Cache-Control': 'no-store', ...problem.headers });
    response.vary('Accept');
    const isApi = request.path === '/api' || request.path.startsWith('/api/');
    if (!isApi && prefersHtml(request)) {
      response.type('html').send(errorPage(site, problem).toString());
    } else if (request.path.startsWith('/mosaic')) {
      response.json({ error: problem.message });
    } else {
      response.json({ error: { code: problem.code, message: problem.message } });
    }
  };
}

/** What a route may have said about the answer that it did not give. */
const describingHeaders = [
  'Accept-Ranges',
  'Content-Length',
  'Content-Range',
  'Content-Type',
  'ETag',
  'Last-Modified',
];

function problemOf(error: unknown, requestId: string): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (codeOf(error) === 'catalogue.bad-cursor') return badCursor();
  if (error instanceof TransientError) {
    return new HttpProblem(
      503,
      'unavailable',
      'Something that this page needs does not answer at the moment. Please try again in a minute.',
      { 'Retry-After': '30' },
    );
  }
  const status = clientErrorStatus(error);
  if (status !== undefined && !isPermanent(error)) {
    return new HttpProblem(status, 'request.invalid', 'The request cannot be understood.');
  }
  return new HttpProblem(
    500,
    'internal',
    `Something went wrong here. If it happens again, tell the operator this number: ${requestId}`,
  );
}

/** Express and its parts throw errors with a status for bad requests, such as a broken %-escape. */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
