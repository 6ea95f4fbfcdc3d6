import type { EventType } from '@mosaicme/contracts';
import type { Logger } from '@mosaicme/service';
import type { ExchangeDeclaration } from '../declarations';
import { closeQuietly, watch } from './breakage';
import { declare, type Connection } from './connection';
import type { StartingConsumer } from './consumer';
import { supervise, type Breakable, type Supervised } from './supervise';

export interface ListenerWiring {
  readonly exchange: ExchangeDeclaration;
  readonly connections: Supervised<Connection>;
  readonly logger: Logger;
}

/** Listens to event types on a queue of its own, which lives as long as its channel. */
export function startListener(
  { exchange, connections, logger }: ListenerWiring,
  types: readonly EventType[],
  heard: (content: Uint8Array) => void,
): StartingConsumer {
  const open = async (signal: AbortSignal): Promise<Breakable> => {
    const { model } = await connections.get(signal);
    await declare(model, [exchange]);
    const channel = await model.createChannel();
    const { broken, fail } = watch(channel);
    const close = async () => void (await closeQuietly(channel));
    try {
      const { queue } = await channel.assertQueue('', {
        exclusive: true,
        autoDelete: true,
        durable: false,
        // Named, because a virtual host may have another default, which cannot be exclusive.
        arguments: { 'x-queue-type': 'classic' },
      });
      for (const type of types) await channel.bindQueue(queue, exchange.name, type);
      const onMessage = (message: { content: Uint8Array } | null) => {
        if (message) heard(message.content);
        else fail(new Error('The broker cancelled a listener.'));
      };
      await channel.consume(queue, onMessage, { noAck: true });
      return { broken, close };
    } catch (error) {
      await close();
      throw error;
    }
  };

  const supervised = supervise({ what: `listener to ${types.join(', ')}`, open, logger });
  return { started: supervised.get(), close: () => supervised.stop() };
}
