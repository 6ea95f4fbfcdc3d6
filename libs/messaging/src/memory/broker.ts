import {
  mustBeRouted,
  queueRoles,
  topology as defaultTopology,
  workQueue,
  type QueueRole,
  type Topology,
} from '@mosaicme/contracts';
import type { Logger } from '@mosaicme/service';
import type { MessagingAdmin } from '../admin';
import { closedError, unroutableError } from '../checks';
import { encodeChecked } from '../encode';
import { hear } from '../listening';
import type { Consumer, Messaging } from '../port';
import { readDeadMessage, type DeadMessage } from '../trail';
import { createMemoryAdmin } from './admin';
import { MemoryQueue } from './queue';

export interface MemoryBrokerOptions {
  readonly logger: Logger;
  /** The default names and pauses unless given. */
  readonly topology?: Topology;
}

/** A broker inside the process, with the manners of the real one. What it holds is lost at its end. */
export interface MemoryBroker {
  /** A handle for one service. All handles of a broker share its queues. */
  connect(): Messaging;

  /**
   * Ends a handle as the death of its process would: nothing is waited for, and what its consumers
   * had in flight is delivered again to others. What still runs there is without effect on the queues.
   */
  crash(handle: Messaging): void;

  /** The messages in the dead-letter queue of a role, oldest first. */
  deadLetters(role: QueueRole): readonly DeadMessage[];

  /** The operator's side. */
  admin(): MessagingAdmin;

  /** Puts bytes into a work queue as if someone else had published them. */
  inject(role: QueueRole, content: Uint8Array): void;

  /** Forgets all messages and stops all clocks. Close the handles first. */
  close(): void;
}

/** Makes a broker for all services of one process. */
export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const { logger, topology = defaultTopology() } = options;
  const queues = Object.fromEntries(
    queueRoles.map((role) => [role, new MemoryQueue(workQueue(topology, role), logger)]),
  ) as Record<QueueRole, MemoryQueue>;
  const listeners = new Set<(content: Uint8Array) => void>();
  const crashes = new WeakMap<Messaging, () => void>();

  const connect = (): Messaging => {
    const consumers = new Set<Consumer & { crash(): void }>();
    let closing: Promise<void> | undefined;
    let closed = false;

    const assertOpen = () => {
      if (closed) throw closedError();
    };
    /** A consumer that begins while the others end would outlive them. */
    const assertStaying = () => {
      if (closing || closed) throw closedError();
    };
    /** Keeps a consumer until it is closed, so that the handle can close it. */
    const own = (consumer: Consumer & { crash(): void }): Consumer => {
      consumers.add(consumer);
      return {
        async close() {
          consumers.delete(consumer);
          await consumer.close();
        },
      };
    };

    const handle: Messaging = {
      async publish(event) {
        assertOpen();
        const content = encodeChecked(event);
        const targets = Object.values(queues).filter(({ layout }) =>
          layout.bindings.includes(event.type),
        );
        if (targets.length === 0 && mustBeRouted(event.type)) {
          throw unroutableError(topology.exchange, event.type);
        }
        for (const queue of targets) queue.put({ content, headers: undefined });
        for (const listener of listeners) {
          setImmediate(() => listeners.has(listener) && listener(content));
        }
      },

      async consume(role, consumeOptions, handler) {
        assertStaying();
        return own(queues[role].consume(consumeOptions, handler));
      },

      async listen(types, listener) {
        assertStaying();
        const heard = hear(types, listener, logger);
        listeners.add(heard);
        const forget = () => void listeners.delete(heard);
        return own({ crash: forget, close: async () => forget() });
      },

      async depth(role) {
        assertOpen();
        return { ready: queues[role].ready, dead: queues[role].dead.length };
      },

      async ready() {
        assertOpen();
      },

      isConnected: () => !closed,

      close() {
        closing ??= Promise.all([...consumers].map((consumer) => consumer.close())).then(() => {
          closed = true;
        });
        return closing;
      },
    };

    crashes.set(handle, () => {
      closed = true;
      for (const consumer of consumers) consumer.crash();
    });
    return handle;
  };

  return {
    connect,
    crash: (handle) => crashes.get(handle)?.(),
    deadLetters: (role) =>
      queues[role].dead.map(({ content, headers }) => readDeadMessage(content, headers)),
    admin: () => createMemoryAdmin(queues),
    inject: (role, content) => queues[role].put({ content, headers: undefined }),
    close() {
      for (const queue of Object.values(queues)) queue.clear();
    },
  };
}
