import { PermanentError, TransientError } from '@mosaicme/errors';

/** @throws PermanentError unless it is a whole number from 1 to 65535 (the protocol's width). */
export function checkPrefetch(prefetch: number): void {
  if (Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535) return;
  throw new PermanentError(
    'messaging.prefetch',
    `The prefetch is ${prefetch}; give a whole number from 1 to 65535.`,
  );
}

/** What every call on a closed handle fails with. */
export const closedError = () =>
  new TransientError(
    'messaging.closed',
    'This messaging handle is closed. Ask the owner of the handle for a new one.',
  );

/** A work event that no queue took. */
export const unroutableError = (exchange: string, routingKey: string) =>
  new TransientError(
    'messaging.unroutable',
    `No queue takes '${routingKey}' from the exchange '${exchange}'. Bind one: restart an app that ` +
      'declares the topology, or look for a queue that was deleted or renamed.',
  );
