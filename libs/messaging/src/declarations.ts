import type { Topology, WorkQueue } from '@mosaicme/contracts';

/** One thing to declare on the broker, as data. Declaring is idempotent as long as it stays the same. */
export type Declaration =
  | ExchangeDeclaration
  | { readonly kind: 'queue'; readonly name: string; readonly arguments: QueueArguments }
  | {
      readonly kind: 'binding';
      readonly queue: string;
      readonly exchange: string;
      readonly routingKey: string;
    };

export interface ExchangeDeclaration {
  readonly kind: 'exchange';
  readonly name: string;
  readonly type: 'topic';
}

export type QueueArguments = Readonly<Record<string, string | number>>;

/**
 * RabbitMQ 4 gives every quorum queue a delivery limit of 20 and drops what exceeds it when the queue
 * has no dead-letter exchange: an operator who looks at a dead letter often enough would delete it.
 * `-1` switches that off but is refused by 3.10; a number out of reach works on both.
 */
const outOfReach = 1_000_000_000;

/**
 * Everything that a topology needs on the broker, in the order in which it is declared: what messages
 * are sent to comes before what sends them there. All exchanges and queues are durable.
 */
export function declarations(topology: Topology): Declaration[] {
  return [
    exchangeDeclaration(topology),
    ...topology.queues.flatMap((queue) => queueDeclarations(topology, queue)),
  ];
}

/** What one work queue needs: its dead-letter queue, itself, its retry queues, its bindings. */
export function queueDeclarations(topology: Topology, queue: WorkQueue): Declaration[] {
  return [
    quorumQueue(queue.deadLetterQueue, { 'x-delivery-limit': outOfReach }),
    quorumQueue(queue.name, {
      'x-delivery-limit': queue.deliveryLimit,
      ...deadLetterTo(queue.deadLetterQueue),
    }),
    ...queue.retryQueues.map(({ name, pauseMs }) =>
      quorumQueue(name, { 'x-message-ttl': pauseMs, ...deadLetterTo(queue.name) }),
    ),
    ...queue.bindings.map(
      (routingKey) =>
        ({ kind: 'binding', queue: queue.name, exchange: topology.exchange, routingKey }) as const,
    ),
  ];
}

/** The one exchange. */
export function exchangeDeclaration(topology: Topology): ExchangeDeclaration {
  return { kind: 'exchange', name: topology.exchange, type: 'topic' };
}

function quorumQueue(name: string, more: QueueArguments): Declaration {
  return { kind: 'queue', name, arguments: { 'x-queue-type': 'quorum', ...more } };
}

/**
 * Through the default exchange, whose routing keys are queue names. Without the at-least-once strategy
 * a message is lost when the target is not available at that moment; the strategy demands
 * `reject-publish`.
 */
function deadLetterTo(queue: string): QueueArguments {
  return {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}
