import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/**
 * Does work about one request. Every log line that is written meanwhile carries the id, those of the
 * libraries included, which know nothing of requests.
 */
export function withCorrelation<Result>(correlationId: string, work: () => Result): Result {
  return current.run(correlationId, work);
}

/** The id of the request that this work is about, if it is about one. */
export const currentCorrelation = (): string | undefined => current.getStore();
