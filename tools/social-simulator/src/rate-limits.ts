/** Endpoints that are counted, failed and limited on their own. */
export const endpointNames = [
  'token',
  'rules',
  'stream',
  'search',
  'lookup',
  'users',
  'timeline',
  'media',
  'metadata',
  'post',
  'delete',
] as const;
export type EndpointName = (typeof endpointNames)[number];

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** Generous, so that a demo is never slowed down; tests set their own. */
const defaultLimit: RateLimit = { requests: 100_000, windowMs: 15 * 60_000 };

export interface RateVerdict {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RateLimiter {
  count(endpoint: EndpointName): RateVerdict;
  /** Changes a limit and starts its window anew. */
  set(endpoint: EndpointName, limit: RateLimit): void;
}

/** X's own limits where they matter to MosaicMe. */
export const realLimits: Partial<Record<EndpointName, RateLimit>> = {
  stream: { requests: 50, windowMs: 15 * 60_000 },
  search: { requests: 450, windowMs: 15 * 60_000 },
  post: { requests: 100, windowMs: 15 * 60_000 },
  users: { requests: 75, windowMs: 15 * 60_000 },
};

/** Fixed windows, as X counts. */
export function createRateLimiter(
  limits: Partial<Record<EndpointName, RateLimit>> = {},
): RateLimiter {
  const current = new Map<EndpointName, RateLimit>();
  const windows = new Map<EndpointName, { used: number; endsAt: number }>();
  for (const name of endpointNames) current.set(name, limits[name] ?? defaultLimit);
  return {
    count(endpoint) {
      const limit = current.get(endpoint) ?? defaultLimit;
      const known = windows.get(endpoint);
      const window =
        known && known.endsAt > Date.now()
          ? known
          : { used: 0, endsAt: Date.now() + limit.windowMs };
      windows.set(endpoint, window);
      const allowed = window.used < limit.requests;
      if (allowed) window.used++;
      return {
        allowed,
        headers: {
          'x-rate-limit-limit': String(limit.requests),
          'x-rate-limit-remaining': String(limit.requests - window.used),
          'x-rate-limit-reset': String(Math.ceil(window.endsAt / 1000)),
        },
      };
    },
    set(endpoint, limit) {
      current.set(endpoint, limit);
      windows.delete(endpoint);
    },
  };
}
