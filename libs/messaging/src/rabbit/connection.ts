import { messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Declaration } from '../declarations';
import { closeQuietly, watch } from './breakage';
import type { Breakable } from './supervise';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** `/` unless given. */
  readonly vhost?: string;
  /** TLS with Node's trusted roots, or with these options; without TLS unless given. */
  readonly tls?: boolean | ConnectionOptions;
  /** How the connection is called in the broker's tools. */
  readonly connectionName?: string;
}

export interface Connection extends Breakable {
  readonly model: ChannelModel;
}

/** Seconds. A dead connection is noticed after two to three of these. */
const heartbeat = 10;
/** Time for TCP, TLS and the AMQP handshake together. */
const connectWithinMs = 10_000;

/** The address for logs and errors: never with the password. */
export function describeAddress({ host, port, vhost = '/', tls }: BrokerAddress): string {
  return `${tls ? 'amqps' : 'amqp'}://${host}:${port}/${encodeURIComponent(vhost)}`;
}

/** Connects once. */
export async function openConnection(address: BrokerAddress, logger: Logger): Promise<Connection> {
  const { host, port, user, password, vhost = '/', tls, connectionName } = address;
  const model = await connect(
    {
      protocol: tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      username: user,
      password,
      // amqplib decodes it once more.
      vhost: encodeURIComponent(vhost),
      heartbeat,
    },
    {
      ...(typeof tls === 'object' ? tls : {}),
      noDelay: true,
      timeout: connectWithinMs,
      clientProperties: { connection_name: connectionName ?? 'mosaicme' },
    },
  );
  const { broken } = watch(model);
  model.on('blocked', (reason) => logger.warn({ reason }, 'The broker takes no messages for now.'));
  model.on('unblocked', () => logger.info({}, 'The broker takes messages again.'));

  return {
    model,
    broken,
    async close() {
      if (!(await closeQuietly(model))) destroySocket(model);
    },
  };
}

/**
 * Declares, on a channel of its own, because a declaration that contradicts what exists closes its
 * channel.
 */
export async function declare(
  model: ChannelModel,
  declared: readonly Declaration[],
): Promise<void> {
  await onChannel(model, async (channel) => {
    for (const declaration of declared) {
      try {
        await declareOne(channel, declaration);
      } catch (cause) {
        throw declarationError(declaration, cause);
      }
    }
  });
}

/** Does something on a channel of its own. */
export async function onChannel<Result>(
  model: ChannelModel,
  task: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const channel = await model.createChannel();
  watch(channel);
  try {
    return await task(channel);
  } finally {
    await closeQuietly(channel);
  }
}

async function declareOne(channel: Channel, declaration: Declaration): Promise<void> {
  switch (declaration.kind) {
    case 'exchange':
      await channel.assertExchange(declaration.name, declaration.type, { durable: true });
      return;
    case 'queue':
      await channel.assertQueue(declaration.name, {
        durable: true,
        arguments: declaration.arguments,
      });
      return;
    case 'binding':
      await channel.bindQueue(declaration.queue, declaration.exchange, declaration.routingKey);
  }
}

const declarationError = (declaration: Declaration, cause: unknown) =>
  new TransientError(
    'messaging.declaration',
    `The broker did not accept ${JSON.stringify(declaration)}: ${messageOf(cause)} Where it exists with ` +
      'other arguments, empty and delete it, or configure another name.',
    { cause },
  );

/** The last resort against a peer that is silent; amqplib itself never destroys an open socket. */
function destroySocket({ connection }: ChannelModel): void {
  if ('stream' in connection && connection.stream instanceof Socket) connection.stream.destroy();
}
