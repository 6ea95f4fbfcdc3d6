import { randomUUID } from 'node:crypto';
import type { Logger } from '@mosaicme/service';
import type { RequestHandler, Response } from 'express';

/**
 * Gives each request an id, sends it back as `X-Request-Id`, and writes one line when the answer is
 * out. An id from a proxy is taken over when it looks like one, so that both logs agree.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const given = request.get('x-request-id');
    const requestId = given && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    const log = logger.child({ requestId });
    response.locals['requestId'] = requestId;
    response.locals['logger'] = log;
    response.setHeader('X-Request-Id', requestId);
    const { method, path } = request;
    response.once('close', () => {
      const fields = {
        method,
        path,
        status: response.statusCode,
        milliseconds: Math.round(performance.now() - started),
        ...(response.writableFinished ? {} : { aborted: true }),
      };
      if (response.statusCode >= 500) log.error(fields, 'request failed');
      else log.info(fields, 'request');
    });
    next();
  };
}

export const requestIdOf = (response: Response): string => String(response.locals['requestId']);

/** The logger of this request; its lines carry the request's id. */
export const loggerOf = (response: Response): Logger => response.locals['logger'] as Logger;
