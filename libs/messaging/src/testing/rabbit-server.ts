import type { QueueRole, Topology } from '@mosaicme/contracts';
import { workQueue } from '@mosaicme/contracts';
import { connect, type ChannelModel } from 'amqplib';
import { declarations } from '../declarations';
import { onChannel } from '../rabbit/connection';
import { readDeadMessage, type DeadMessage } from '../trail';

/** The server that the tests use, from the environment. */
export function testServer(): { host: string; port: number; user: string; password: string } {
  const variable = 'MOSAICME_TEST_AMQP_URL';
  const value = process.env[variable];
  if (!value) {
    throw new Error(
      `${variable} is not set. Run the conformance tests through 'npm test', which starts the servers, ` +
        'or give the address of a RabbitMQ for tests, as amqp://user:password@host:port.',
    );
  }
  const url = new URL(value);
  return {
    host: url.hostname,
    port: Number(url.port || 5672),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** A connection for what a test does behind the adapter's back. */
export interface Operator {
  readonly model: ChannelModel;
  inject(queue: string, content: Uint8Array): Promise<void>;
  deadLetters(layout: Topology, role: QueueRole): Promise<DeadMessage[]>;
  removeEverything(layout: Topology): Promise<void>;
  close(): Promise<void>;
}

export async function connectOperator(): Promise<Operator> {
  const { host, port, user, password } = testServer();
  const model = await connect({ hostname: host, port, username: user, password });
  model.on('error', () => {});
  return {
    model,

    async inject(queue, content) {
      const channel = await model.createConfirmChannel();
      channel.sendToQueue(queue, Buffer.from(content), { persistent: true });
      await channel.waitForConfirms();
      await channel.close();
    },

    deadLetters: (layout, role) =>
      onChannel(model, async (channel) => {
        const letters: DeadMessage[] = [];
        const { deadLetterQueue } = workQueue(layout, role);
        for (;;) {
          const message = await channel.get(deadLetterQueue);
          // The channel's end puts them all back.
          if (!message) return letters;
          letters.push(readDeadMessage(message.content, message.properties.headers));
        }
      }),

    removeEverything: (layout) =>
      onChannel(model, async (channel) => {
        for (const declaration of declarations(layout)) {
          if (declaration.kind === 'queue') await channel.deleteQueue(declaration.name);
          if (declaration.kind === 'exchange') await channel.deleteExchange(declaration.name);
        }
      }),

    close: () => model.close(),
  };
}
