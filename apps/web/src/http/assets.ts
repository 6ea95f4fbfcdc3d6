import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** A year: the address of an asset changes with its bytes. */
const longMs = 365 * 24 * 3_600_000;

/** The addresses of the site's own scripts, styles and pictures, and what serves them. */
export interface Assets {
  /** `/assets/style.css?v=<hash of its bytes>`; without the hash where there is no such file. */
  address(name: string): string;
  readonly serve: RequestHandler;
}

/**
 * Reads the assets of a folder once, at the start. What is asked for by the hash of its bytes, or has one
 * in its name, may be kept for a year; anything else is asked for again each time.
 */
export function openAssets(folder: string): Assets {
  const hashes = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(folder, entry.name));
    hashes.set(entry.name, createHash('sha256').update(bytes).digest('hex').slice(0, 12));
  }
  const files = express.static(folder, { index: false, redirect: false, cacheControl: false });
  return {
    address(name) {
      const hash = hashes.get(name);
      return `/assets/${name}${hash === undefined ? '' : `?v=${hash}`}`;
    },
    serve(request, response, next) {
      const name = request.path.slice(1);
      const hash = hashes.get(name);
      const isOfItsBytes =
        (hash !== undefined && request.query['v'] === hash) || /-[A-Z0-9]{8}\.\w+$/.test(name);
      response.set(
        'Cache-Control',
        isOfItsBytes ? `public, max-age=${longMs / 1_000}, immutable` : 'no-cache',
      );
      files(request, response, (error?: unknown) => {
        response.removeHeader('Cache-Control');
        next(error);
      });
    },
  };
}
