import { deadline } from '@mosaicme/async';
import { mustBeRouted, workQueue, type Topology } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkPrefetch, closedError } from '../checks';
import { declarations, exchangeDeclaration, queueDeclarations } from '../declarations';
import { encodeChecked } from '../encode';
import { hear } from '../listening';
import type { Consumer, Messaging } from '../port';
import {
  declare,
  describeAddress,
  onChannel,
  openConnection,
  type BrokerAddress,
} from './connection';
import { startConsumer, type StartingConsumer } from './consumer';
import { startListener } from './listener';
import { ChannelLost, openPublisher, type Outgoing } from './publisher';
import { supervise } from './supervise';

export interface RabbitOptions extends BrokerAddress {
  readonly topology: Topology;
  readonly logger: Logger;
  /** How long a publish may take, reconnections included; 10 s unless given. */
  readonly publishTimeoutMs?: number;
}

/**
 * A handle on RabbitMQ (3.10 or later). It returns at once and connects in the background: one
 * connection, a channel for publishing, and a channel for each consumer and listener. Whatever of
 * these breaks is opened again, after the topology is declared again.
 */
export function connectRabbit(options: RabbitOptions): Messaging {
  const { topology, publishTimeoutMs = 10_000 } = options;
  const address = describeAddress(options);
  const logger = options.logger.child({ broker: address });
  const declared = declarations(topology);

  const connections = supervise({
    what: `broker ${address}`,
    open: () => openConnection(options, logger),
    onOpen: () => logger.info({}, 'Connected to the broker.'),
    logger,
  });
  const publishers = supervise({
    what: `publishing channel to ${address}`,
    open: async (signal) => {
      const connection = await connections.get(signal);
      // Here and not once per connection: a channel dies of a publish to an exchange that is gone.
      await declare(connection.model, declared);
      return openPublisher(connection, redeclare);
    },
    logger,
  });

  let redeclaring = false;
  /** A queue or binding that others deleted comes back, for the next attempt. */
  const redeclare = () => {
    const connection = connections.current();
    if (redeclaring || !connection) return;
    redeclaring = true;
    declare(connection.model, declared)
      .catch((error: unknown) => logger.warn({ error }, 'Could not declare the topology again.'))
      .finally(() => {
        redeclaring = false;
      });
  };

  /** Gives a task as long as a publish may take. */
  const inTime = <Result>(task: (signal: AbortSignal) => Promise<Result>) =>
    deadline(task, { ms: publishTimeoutMs, tooLate: timeoutError });

  const timeoutError = () =>
    new TransientError(
      'messaging.timeout',
      `The broker at ${address} did not answer within ${publishTimeoutMs} ms. The log says whether it ` +
        'is away; publishTimeoutMs sets the time.',
    );

  const send = (message: Outgoing): Promise<void> =>
    inTime(async (signal) => {
      while (!signal.aborted) {
        try {
          const publisher = await publishers.get(signal);
          return await publisher.send(message);
        } catch (error) {
          if (!(error instanceof ChannelLost)) throw error;
          // Lets the supervisor take the lost channel away before the next attempt.
          await nextTurn();
        }
      }
    });

  const consumers = new Set<Consumer>();
  const inFlight = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  let closed = false;

  const assertOpen = () => {
    if (closed) throw closedError();
  };
  /** A consumer that begins while the others end would outlive them. */
  const assertStaying = () => {
    if (closing) throw closedError();
  };

  /** Keeps a consumer, from before it begins until it is closed, so that the handle can close it. */
  const own = async (consumer: StartingConsumer): Promise<Consumer> => {
    consumers.add(consumer);
    await consumer.started;
    return {
      async close() {
        await consumer.close();
        consumers.delete(consumer);
      },
    };
  };

  /** `close` waits for these. */
  const whileOpen = async <Result>(task: () => Promise<Result>): Promise<Result> => {
    assertOpen();
    const running = task();
    inFlight.add(running);
    return running.finally(() => inFlight.delete(running));
  };

  return {
    publish: (event) =>
      whileOpen(() =>
        send({
          exchange: topology.exchange,
          routingKey: event.type,
          content: encodeChecked(event),
          mandatory: mustBeRouted(event.type),
          headers: {},
          properties: {
            messageId: event.id,
            correlationId: event.correlationid,
            type: event.type,
            appId: event.source,
            timestamp: Math.floor(Date.parse(event.time) / 1_000),
          },
        }),
      ),

    async consume(role, consumeOptions, handler) {
      assertStaying();
      checkPrefetch(consumeOptions.prefetch);
      const queue = workQueue(topology, role);
      const needed = [exchangeDeclaration(topology), ...queueDeclarations(topology, queue)];
      const wiring = { queue, declared: needed, connections, send, logger };
      return own(startConsumer(wiring, consumeOptions, handler));
    },

    async listen(types, listener) {
      assertStaying();
      const wiring = { exchange: exchangeDeclaration(topology), connections, logger };
      return own(startListener(wiring, types, hear(types, listener, logger)));
    },

    depth: (role) =>
      whileOpen(() =>
        inTime(async (signal) => {
          const { name, deadLetterQueue } = workQueue(topology, role);
          const { model } = await connections.get(signal);
          return onChannel(model, async (channel) => ({
            ready: (await channel.checkQueue(name)).messageCount,
            dead: (await channel.checkQueue(deadLetterQueue)).messageCount,
          }));
        }),
      ),

    async ready() {
      await publishers.get();
    },

    isConnected: () => publishers.current() !== undefined,

    close() {
      closing ??= shutDown();
      return closing;
    },
  };

  /** Running handlers may still publish, so the publishing channel goes after the consumers. */
  async function shutDown(): Promise<void> {
    await Promise.all([...consumers].map((consumer) => consumer.close()));
    closed = true;
    await Promise.allSettled(inFlight);
    await publishers.stop();
    await connections.stop();
  }
}
