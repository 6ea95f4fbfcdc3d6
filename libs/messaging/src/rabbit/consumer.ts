import { sleep } from '@mosaicme/async';
import type { WorkQueue } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { Channel, ConsumeMessage, Message, Options } from 'amqplib';
import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Declaration } from '../declarations';
import { handle, type Verdict } from '../handling';
import type { Consumer, ConsumeOptions, Handler } from '../port';
import { closeQuietly, watch, type Breakage } from './breakage';
import { declare, type Connection } from './connection';
import type { Outgoing } from './publisher';
import { supervise, type Breakable, type Supervised } from './supervise';

export interface ConsumerWiring {
  readonly queue: WorkQueue;
  /** What must exist for this queue. */
  readonly declared: readonly Declaration[];
  readonly connections: Supervised<Connection>;
  readonly send: (message: Outgoing) => Promise<void>;
  readonly logger: Logger;
}

/** A consumer that may be closed while it still waits for the broker. */
export interface StartingConsumer extends Consumer {
  /** @throws TransientError `messaging.closed` when it was closed before it began. */
  readonly started: Promise<unknown>;
}

/** One life of the channel on which a consumer takes messages. */
interface Session {
  readonly channel: Channel;
  readonly breakage: Breakage;
}

/** Between attempts to hand a failed message over to the broker. */
const handOverPauseMs = 1_000;

/** Takes messages from a work queue until closed, across lost channels and connections. */
export function startConsumer(
  wiring: ConsumerWiring,
  options: ConsumeOptions,
  handler: Handler,
): StartingConsumer {
  const { queue, declared, connections, send, logger } = wiring;
  const inFlight = new Set<Promise<void>>();
  // After a reconnection the handlers from before may still run: the prefetch of the new channel
  // does not know of them.
  const limit = pLimit(options.prefetch);
  const closing = new AbortController();
  // One for each message that cannot be handed over.
  setMaxListeners(options.prefetch, closing.signal);

  const open = async (signal: AbortSignal): Promise<Breakable> => {
    const { model } = await connections.get(signal);
    // The queue may have been deleted: that is one reason why a consumer is cancelled.
    await declare(model, declared);
    const channel = await model.createChannel();
    const breakage = watch(channel);
    const session = { channel, breakage };
    try {
      await channel.prefetch(options.prefetch);
      const { consumerTag } = await channel.consume(queue.name, (message) => {
        if (message) keep(limit(work, message, session));
        else breakage.fail(new Error(`The broker cancelled the consumer of '${queue.name}'.`));
      });
      return { broken: breakage.broken, close: () => leave(session, consumerTag) };
    } catch (error) {
      await closeQuietly(channel);
      throw error;
    }
  };

  const leave = async ({ channel, breakage }: Session, consumerTag: string) => {
    if (!breakage.isBroken()) {
      await Promise.race([channel.cancel(consumerTag).catch(() => {}), breakage.broken]);
      // A channel that closes gives its messages back, so it stays open for those in flight.
      await Promise.all(inFlight);
    }
    await closeQuietly(channel);
  };

  const keep = (task: Promise<void>) => {
    inFlight.add(task);
    void task.finally(() => inFlight.delete(task));
  };

  const work = async (message: ConsumeMessage, session: Session): Promise<void> => {
    if (session.breakage.isBroken()) return;
    // Not the message's fault: `nack` does not count toward the delivery limit (RabbitMQ 4.3).
    if (closing.signal.aborted) return answer(session, (ch) => ch.nack(message, false, true));
    const { content, fields, properties } = message;
    const deliveryCount = Number(properties.headers?.['x-delivery-count'] ?? 0);
    const verdict = await handle(
      { content, headers: properties.headers, redelivered: fields.redelivered, deliveryCount },
      { ...options, queue, handler, logger },
    );
    await carryOut(verdict, message, session);
  };

  /** First the copy, confirmed; then the acknowledgement. Twice is better than never. */
  const carryOut = async (verdict: Verdict, message: ConsumeMessage, session: Session) => {
    // On a broken channel there is nothing to do: the broker delivers the message again.
    while (!session.breakage.isBroken()) {
      try {
        if (verdict.kind !== 'ack') await send(copyOf(message, verdict, queue));
        return answer(session, (channel) => channel.ack(message));
      } catch (error) {
        const { messageId, correlationId } = message.properties;
        const about = {
          queue: queue.name,
          messageId: String(messageId),
          correlationId: String(correlationId),
          error,
        };
        if (!(error instanceof TransientError)) {
          logger.error(about, 'A failed message cannot be handed over; it goes back to its queue.');
          // `reject` counts toward the delivery limit, which ends this.
          return answer(session, (channel) => channel.reject(message, true));
        }
        logger.warn(about, 'A failed message is not handed over yet; trying again.');
        await sleep(handOverPauseMs, closing.signal).catch(() => {});
        // The channel's end gives the message back.
        if (closing.signal.aborted) return;
      }
    }
  };

  const supervised = supervise({ what: `consumer of '${queue.name}'`, open, logger });
  return {
    started: supervised.get(),
    async close() {
      closing.abort();
      await supervised.stop();
      await Promise.all(inFlight);
    },
  };
}

/** Answers for a message; where the channel is gone, the broker has taken the message back already. */
function answer({ channel, breakage }: Session, say: (channel: Channel) => void): void {
  try {
    say(channel);
  } catch (error) {
    breakage.fail(error);
  }
}

/** The message as it goes to a retry queue or to the dead letters, with its new headers. */
function copyOf(
  { content, properties }: ConsumeMessage,
  verdict: Exclude<Verdict, { kind: 'ack' }>,
  queue: WorkQueue,
): Outgoing {
  return {
    exchange: '',
    routingKey:
      verdict.kind === 'dead' ? queue.deadLetterQueue : retryQueueOf(queue, verdict.pauseMs),
    content,
    mandatory: true,
    headers: verdict.headers,
    properties: carried(properties),
  };
}

/** Without retry queues a message goes straight back to its queue. */
const retryQueueOf = (queue: WorkQueue, pauseMs: number): string =>
  queue.retryQueues.find((retryQueue) => retryQueue.pauseMs === pauseMs)?.name ?? queue.name;

/** The properties that a copy keeps. A stranger's message may lack any of them. */
export function carried(properties: Message['properties']): Outgoing['properties'] {
  const { messageId, correlationId, type, timestamp, appId } = properties;
  const kept: Options.Publish = { messageId, correlationId, type, timestamp, appId };
  return kept;
}
