import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';

const name = 'device';
const longMs = 180 * 24 * 3_600_000;

/**
 * Gives a browser a random name in a cookie, so that the people of a hall who share one address do not
 * share one limit. It names the device to nobody but this limit.
 */
export function nameDevice(publicUrl: string): RequestHandler {
  return (request, response, next) => {
    if (deviceOf(request) === undefined) {
      response.cookie(name, randomUUID(), {
        httpOnly: true,
        sameSite: 'lax',
        secure: publicUrl.startsWith('https:'),
        maxAge: longMs,
      });
    }
    next();
  };
}

/** The name of the device; undefined for one that has none yet. */
export function deviceOf(request: Request): string | undefined {
  const pattern = new RegExp(`(?:^|;\\s*)${name}=([0-9a-f-]{36})(?:;|$)`);
  return pattern.exec(request.get('cookie') ?? '')?.[1];
}
