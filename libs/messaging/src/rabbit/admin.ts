import { sleep } from '@mosaicme/async';
import { workQueue, type QueueRole, type Topology, type WorkQueue } from '@mosaicme/contracts';
import { messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { GetMessage } from 'amqplib';
import {
  failureTime,
  readLetter,
  type Letter,
  type MessagingAdmin,
  type QueueState,
  type Select,
} from '../admin';
import { replayHeaders } from '../trail';
import {
  describeAddress,
  onChannel,
  openConnection,
  type BrokerAddress,
  type Connection,
} from './connection';
import { carried } from './consumer';
import { openPublisher } from './publisher';

export interface RabbitAdminOptions extends BrokerAddress {
  readonly topology: Topology;
  readonly logger: Logger;
}

/**
 * The operator's side of RabbitMQ, over AMQP alone: the management plugin need not be there. It declares
 * nothing. It connects once and does not reconnect: an operator sees the error and asks again.
 *
 * Messages are looked at by taking them without an acknowledgement. The end of the channel, or of the
 * process, gives them back to the front of their queue in their order.
 *
 * @throws TransientError `messaging.unreachable`
 */
export async function connectRabbitAdmin(options: RabbitAdminOptions): Promise<MessagingAdmin> {
  const { topology } = options;
  const connection = await openOnce(options);
  const { model } = connection;

  /** Takes dead letters one after the other and acknowledges those that `act` is done with. */
  const take = (
    role: QueueRole,
    select: Select,
    act: (letter: Letter, message: GetMessage) => Promise<void>,
  ): Promise<number> =>
    onChannel(model, async (channel) => {
      const { deadLetterQueue } = workQueue(topology, role);
      let taken = 0;
      // Those that are there now: a letter that dies again at once would be met without end.
      let left = (await channel.checkQueue(deadLetterQueue)).messageCount;
      for (; left > 0; left--) {
        const message = await channel.get(deadLetterQueue);
        if (!message) break;
        const letter = readLetter(message.content, message.properties.headers);
        if (!select(letter)) continue;
        await act(letter, message);
        channel.ack(message);
        taken++;
      }
      return taken;
    });

  return {
    queues: ({ oldest = false } = {}) =>
      Promise.all(topology.queues.map((queue) => stateOf(connection, queue, oldest))),

    async deadLetters(role, { limit }) {
      const { deadLetterQueue } = workQueue(topology, role);
      const messages = await look(connection, deadLetterQueue, limit);
      await returned(connection, deadLetterQueue, messages.length);
      return messages.map(({ content, properties }) => readLetter(content, properties.headers));
    },

    async replay(role, { select, before }) {
      const publisher = await openPublisher(connection, () => {});
      try {
        return await take(role, select, async (letter, { content, properties }) => {
          await before?.(letter);
          await publisher.send({
            exchange: '',
            routingKey: workQueue(topology, role).name,
            content,
            mandatory: true,
            headers: replayHeaders(properties.headers, new Date()),
            properties: carried(properties),
          });
        });
      } finally {
        await publisher.close();
      }
    },

    drop: (role, { select }) => take(role, select, async () => {}),

    close: () => connection.close(),
  };
}

async function openOnce(options: RabbitAdminOptions): Promise<Connection> {
  try {
    return await openConnection(options, options.logger);
  } catch (cause) {
    throw new TransientError(
      'messaging.unreachable',
      `The broker at ${describeAddress(options)} cannot be reached (${messageOf(cause)}); check ` +
        'RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_USER, RABBITMQ_PASSWORD and RABBITMQ_VHOST.',
      { cause },
    );
  }
}

async function stateOf(
  connection: Connection,
  queue: WorkQueue,
  lookAtOldest: boolean,
): Promise<QueueState> {
  const { role, name, deadLetterQueue, retryQueues } = queue;
  const [work, dead, ...rooms] = await Promise.all(
    [name, deadLetterQueue, ...retryQueues.map(({ name: retryQueue }) => retryQueue)].map(
      (queueName) => countsOf(connection, queueName),
    ),
  );
  const first = lookAtOldest && work?.ready ? (await look(connection, name, 1))[0] : undefined;
  const firstDead = dead?.ready ? (await look(connection, deadLetterQueue, 1))[0] : undefined;
  if (firstDead) await returned(connection, deadLetterQueue, 1);
  return {
    role,
    name,
    exists: work !== undefined,
    ready: work?.ready ?? 0,
    unacked: undefined,
    consumers: work?.consumers ?? 0,
    retrying: retryQueues.map(({ pauseMs }, n) => ({ pauseMs, count: rooms[n]?.ready ?? 0 })),
    dead: dead?.ready ?? 0,
    oldest: first && publishedAt(first),
    oldestDead:
      firstDead && failureTime(readLetter(firstDead.content, firstDead.properties.headers)),
  };
}

/** Undefined for a queue that does not exist. */
async function countsOf(
  { model }: Connection,
  queue: string,
): Promise<{ readonly ready: number; readonly consumers: number } | undefined> {
  try {
    // A channel of its own, because the broker closes it when there is no such queue.
    return await onChannel(model, async (channel) => {
      const { messageCount, consumerCount } = await channel.checkQueue(queue);
      return { ready: messageCount, consumers: consumerCount };
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === notFound) return undefined;
    throw error;
  }
}

/** Reply code of AMQP 0-9-1. */
const notFound = 404;

/** The first messages of a queue. The end of the channel gives them back. */
function look({ model }: Connection, queue: string, limit: number): Promise<GetMessage[]> {
  return onChannel(model, async (channel) => {
    const messages: GetMessage[] = [];
    while (messages.length < limit) {
      const message = await channel.get(queue);
      if (!message) break;
      messages.push(message);
    }
    return messages;
  });
}

const looksForReturn = 40;
const returnPauseMs = 25;

/**
 * Waits a moment until so many messages are in a queue again: the broker gives them back a little after
 * it has closed their channel, and whoever looked in between would miss them.
 */
async function returned(connection: Connection, queue: string, count: number): Promise<void> {
  for (let looks = 0; looks < looksForReturn; looks++) {
    const counts = await countsOf(connection, queue);
    if (!counts || counts.ready >= count) return;
    await sleep(returnPauseMs);
  }
}

function publishedAt({ properties }: GetMessage): Date | undefined {
  const seconds: unknown = properties.timestamp;
  return typeof seconds === 'number' ? new Date(seconds * 1_000) : undefined;
}
