import type { EventOf, EventType, MosaicmeEvent, QueueRole } from '@mosaicme/contracts';

/**
 * The way events travel. One handle per service; `close` ends the handle, not the broker. On a closed
 * handle everything fails with the TransientError `messaging.closed`.
 */
export interface Messaging {
  /**
   * Publishes an event and resolves once the broker has taken responsibility for it. It may be
   * published twice when the connection breaks at the wrong moment, never lost.
   *
   * @throws ContractViolation when the event breaks its contract.
   * @throws TransientError when the broker is away for longer than the publish time-out
   *   (`messaging.timeout`), refuses the message (`messaging.refused`), or when a work event reached
   *   no queue (`messaging.unroutable`).
   */
  publish(event: MosaicmeEvent): Promise<void>;

  /**
   * Takes the events of a work queue, at most `prefetch` at a time. What becomes of a message:
   *
   * - the handler resolves: acknowledged;
   * - the handler throws a `PermanentError`, or the message breaks its contract: dead-lettered at once;
   * - the handler throws a `DeferredError`: it is deferred to that moment, late by the shortest retry
   *   pause at most; that counts as no attempt, however often it happens;
   * - the handler throws anything else: retried after the next pause of the queue's retry
   *   pauses, or after the first one that is as long as the error's `retryAfterMs`; after the last
   *   pause it is dead-lettered;
   * - the process dies: the broker delivers it again. When that happened as often as the queue's
   *   delivery limit says, it is dead-lettered without another try.
   *
   * A message may come more than once and out of order: handlers are idempotent by key. The consumer
   * survives the loss of the connection, of its channel and of its queue.
   *
   * @returns Resolves when the consumer has begun; waits as long as the broker is away.
   * @throws PermanentError `messaging.prefetch` when the prefetch is out of range.
   */
  consume(queue: QueueRole, options: ConsumeOptions, handler: Handler): Promise<Consumer>;

  /**
   * Hears every event of these types from the moment it resolves; each listener gets its own copy,
   * nothing is kept for later. A listener that throws is logged and nothing else.
   */
  listen<Type extends EventType>(
    types: readonly Type[],
    listener: (event: EventOf<Type>) => void,
  ): Promise<Consumer>;

  /** How many messages wait in a queue (ready, not those in flight) and in its dead-letter queue. */
  depth(queue: QueueRole): Promise<{ readonly ready: number; readonly dead: number }>;

  /** Resolves when connected and the topology is declared. */
  ready(): Promise<void>;

  /** Connected right now? For `/readyz`. */
  isConnected(): boolean;

  /**
   * Stops all consumers, waits for the running handlers and publishes, then disconnects. Running
   * handlers may still publish. May be called twice.
   */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  /** Messages in flight at the same time: 1 to 65535. */
  readonly prefetch: number;
  /**
   * Called before a message goes to the dead-letter queue. When it throws, the message is not
   * dead-lettered yet but retried like any other failure of this kind, without end.
   */
  readonly onDeadLetter?: (letter: DeadLetter) => Promise<void>;
}

export type Handler = (event: MosaicmeEvent, delivery: Delivery) => Promise<void>;

export interface Delivery {
  /** 1 for the first attempt; grows with every retry after a thrown error. */
  readonly attempt: number;
  /** True when the broker may have delivered this message before. */
  readonly redelivered: boolean;
}

export interface DeadLetter {
  /** Name of the queue it came from. */
  readonly queue: string;
  /** Undefined when the message breaks its contract. */
  readonly event: MosaicmeEvent | undefined;
  readonly content: Uint8Array;
  readonly error: unknown;
  readonly attempts: number;
}

export interface Consumer {
  /** Takes no more messages, waits for those in flight. */
  close(): Promise<void>;
}
