import {
  type EventOf,
  type EventType,
  type MosaicmeEvent,
  type QueueRole,
} from '@mosaicme/contracts';
import { codeOf, DeferredError, isPermanent, messageOf, PermanentError } from '@mosaicme/errors';
import type { Delivery } from '@mosaicme/messaging';
import { withCorrelation, type Logger } from '@mosaicme/service';
import type { PipelineContext } from './app';
import { reportDeadLetters } from './failures';
import { observeQueue, observeWork } from './observe';

/** What a handler knows besides its event. */
export interface HandlerContext {
  /** Adds the correlation id to every line. */
  readonly logger: Logger;
  readonly delivery: Delivery;
}

/** A handler for each type of event that a queue carries. */
export type Handlers = {
  readonly [Type in EventType]?: (event: EventOf<Type>, context: HandlerContext) => Promise<void>;
};

/**
 * Works on a queue: each event goes to the handler of its type, every outcome is logged with its
 * correlation id, and what is dead-lettered is reported as a failure. For what becomes of a message see
 * `Messaging.consume`.
 */
export async function consumeWork(
  context: PipelineContext,
  queue: QueueRole,
  prefetch: number,
  handlers: Handlers,
): Promise<void> {
  const report = reportDeadLetters(context, queue);
  const observed = observeWork(context, queue);
  const consumer = await context.messaging.consume(
    queue,
    {
      prefetch,
      onDeadLetter: async (letter) => {
        context.logger.error(
          {
            queue: letter.queue,
            correlationId: letter.event?.correlationid,
            code: codeOf(letter.error),
            attempts: letter.attempts,
          },
          `dead-lettered: ${messageOf(letter.error)}`,
        );
        await inTraceOf(letter.event, () => report(letter));
        context.metrics.count('mosaicme_dead_letters_total', {
          queue,
          code: codeOf(letter.error),
        });
      },
    },
    async (event, delivery) => {
      const logger = context.logger.child({
        correlationId: event.correlationid,
        traceparent: event.traceparent,
        event: event.type,
      });
      const startedAt = performance.now();
      try {
        await observed(event, delivery, () =>
          handlerOf(handlers, event)(event, { logger, delivery }),
        );
        logger.info({ ms: Math.round(performance.now() - startedAt) }, 'handled');
      } catch (error) {
        // The messaging library says so itself.
        if (error instanceof DeferredError) throw error;
        logger.warn(
          { code: codeOf(error), permanent: isPermanent(error), attempt: delivery.attempt, error },
          `not handled: ${messageOf(error)}`,
        );
        throw error;
      }
    },
  );
  observeQueue(context, queue);
  context.onStop(`consumer of ${queue}`, () => consumer.close());

  /** What is said about a dead-lettered message belongs to its request. */
  function inTraceOf(event: MosaicmeEvent | undefined, work: () => Promise<void>): Promise<void> {
    if (!event) return work();
    return withCorrelation(event.correlationid, () =>
      context.tracing.span('dead-letter', { parent: event.traceparent }, work),
    );
  }
}

type AnyHandler = (event: MosaicmeEvent, context: HandlerContext) => Promise<void>;

function handlerOf(handlers: Handlers, event: MosaicmeEvent): AnyHandler {
  const handler = handlers[event.type] as AnyHandler | undefined;
  if (handler) return handler;
  throw new PermanentError(
    'event.unexpected',
    `This queue carries no '${event.type}' events; it takes ${Object.keys(handlers).join(', ')}.`,
  );
}
