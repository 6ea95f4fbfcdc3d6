import { parseEvent, type MosaicmeEvent, type WorkQueue } from '@mosaicme/contracts';
import { codeOf, DeferredError, messageOf, PermanentError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { deferralHeaders, deferredUntil, pauseUntil } from './deferral';
import type { ConsumeOptions, Handler } from './port';
import { decideRetry, pauseAfterHookFailure } from './retry-decision';
import {
  addFailure,
  deadHeaders,
  deliveryLimitCode,
  readTrail,
  retryHeaders,
  type Headers,
} from './trail';

/** A message as a broker hands it over. */
export interface Incoming {
  readonly content: Uint8Array;
  readonly headers: Headers | undefined;
  readonly redelivered: boolean;
  /** How often the broker took this message back from a consumer that did not answer. */
  readonly deliveryCount: number;
}

/** What the adapter has to do with the message now; the headers are those of the copy it makes. */
export type Verdict =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly pauseMs: number; readonly headers: Headers }
  | { readonly kind: 'dead'; readonly headers: Headers };

export interface Handling extends Pick<ConsumeOptions, 'onDeadLetter'> {
  readonly queue: WorkQueue;
  readonly handler: Handler;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/**
 * Runs the handler on one message and says what becomes of it. Both adapters use it, so that they
 * cannot differ in this. Never throws.
 */
export async function handle(incoming: Incoming, handling: Handling): Promise<Verdict> {
  const { queue, handler, logger, onDeadLetter, now = () => new Date() } = handling;
  const trail = readTrail(incoming.headers);
  const attempt = trail.attempts + 1;
  const pausesMs = queue.retryQueues.map(({ pauseMs }) => pauseMs);

  const defer = (until: Date) =>
    ({
      kind: 'retry',
      pauseMs: pauseUntil(until, now(), pausesMs),
      headers: deferralHeaders(retryHeaders(trail), until),
    }) as const;

  const notBefore = deferredUntil(incoming.headers);
  if (notBefore && notBefore > now()) return defer(notBefore);

  let event: MosaicmeEvent | undefined;
  let failure: unknown;
  try {
    event = parseEvent(incoming.content);
    refuseBeyondDeliveryLimit(incoming, queue);
    await handler(event, { attempt, redelivered: incoming.redelivered });
    return { kind: 'ack' };
  } catch (error) {
    failure = error;
  }

  if (failure instanceof DeferredError) {
    logger.info(
      {
        queue: queue.name,
        event: event?.id,
        correlationId: event?.correlationid,
        code: codeOf(failure),
        until: failure.until.toISOString(),
      },
      `A message is deferred: ${messageOf(failure)}`,
    );
    return defer(failure.until);
  }
  const extended = addFailure(trail, failure, now());
  const about = {
    queue: queue.name,
    event: event?.id,
    correlationId: event?.correlationid,
    attempt,
    error: failure,
  };
  const retry = (pauseMs: number) =>
    ({ kind: 'retry', pauseMs, headers: retryHeaders(extended) }) as const;

  const decision = decideRetry(failure, attempt, pausesMs);
  if (decision.kind === 'retry') {
    logger.warn({ ...about, pauseMs: decision.pauseMs }, 'A message failed and will be retried.');
    return retry(decision.pauseMs);
  }
  try {
    const { content } = incoming;
    await onDeadLetter?.({ queue: queue.name, event, content, error: failure, attempts: attempt });
    logger.error(about, 'A message is dead-lettered.');
    return { kind: 'dead', headers: deadHeaders(extended, queue.name, now()) };
  } catch (hookError) {
    logger.error(
      { ...about, hookError },
      'A dead letter could not be announced; its message will be retried.',
    );
    return retry(pauseAfterHookFailure(attempt, pausesMs));
  }
}

/**
 * On the last delivery that the broker grants, the message is dead-lettered here and not by the broker,
 * which would not call the dead-letter hook. Whatever the message did to the processes before, it is
 * not tried once more.
 */
function refuseBeyondDeliveryLimit({ deliveryCount }: Incoming, queue: WorkQueue): void {
  if (deliveryCount < queue.deliveryLimit) return;
  throw new PermanentError(
    deliveryLimitCode,
    `The message was delivered ${deliveryCount} times from '${queue.name}' and its consumer never ` +
      `answered; the limit is ${queue.deliveryLimit}. Find out what it does to the process.`,
  );
}
