import { eventDefinitions, type EventType } from './events';
import { queueRoles, type QueueRole } from './stages';

export type QueueNames = Readonly<Record<QueueRole, string>>;

export const defaultQueueNames: QueueNames = {
  tiles: 'mosaic-raw',
  prepare: 'mosaic-in',
  render: 'mosaic-eng',
  publish: 'mosaic-finish',
  answer: 'mosaic-answer',
  catalogue: 'mosaic-done',
  janitor: 'mosaic-janitor',
};

/** The events that each work queue takes; some go to two stages. */
export const queueEvents: Readonly<Record<QueueRole, readonly EventType[]>> = {
  tiles: ['photo.collected.v1'],
  prepare: ['mosaic.requested.v1'],
  render: ['mosaic.prepared.v1'],
  publish: ['mosaic.rendered.v1'],
  answer: ['mosaic.published.v1', 'mosaic.withdrawn.v1'],
  catalogue: ['mosaic.published.v1', 'mosaic.answered.v1', 'mosaic.withdrawn.v1'],
  janitor: ['decision.recorded.v1'],
};

/** Pauses before the second, third, … attempt, in milliseconds. After the last one the message is dead. */
export const defaultRetryPausesMs: readonly number[] = [1_000, 5_000, 30_000, 120_000];

/** Everything that is declared on the broker, as data. */
export interface Topology {
  /** The one topic exchange; routing keys are event types. */
  readonly exchange: string;
  readonly queues: readonly WorkQueue[];
}

export interface WorkQueue {
  readonly role: QueueRole;
  readonly name: string;
  /** Routing keys bound to it. */
  readonly bindings: readonly EventType[];
  /** Where dead-lettered messages go. */
  readonly deadLetterQueue: string;
  /** Retry queues, shortest first. A message that waited returns to `name`. */
  readonly retryQueues: readonly { readonly name: string; readonly pauseMs: number }[];
  /** Deliveries after which the broker itself dead-letters, for consumers that die before they answer. */
  readonly deliveryLimit: number;
}

export interface TopologyOptions {
  readonly exchange?: string;
  readonly queues?: Partial<QueueNames>;
  readonly retryPausesMs?: readonly number[];
  readonly deliveryLimit?: number;
}

/**
 * The topology for a set of names. A retry queue carries its pause in its name, because the arguments
 * of a declared queue cannot change.
 */
export function topology(options: TopologyOptions = {}): Topology {
  const names = { ...defaultQueueNames, ...options.queues };
  const pauses = options.retryPausesMs ?? defaultRetryPausesMs;
  return {
    exchange: options.exchange ?? 'mosaicme',
    queues: queueRoles.map((role) => ({
      role,
      name: names[role],
      bindings: queueEvents[role],
      deadLetterQueue: `${names[role]}.dead`,
      retryQueues: pauses.map((pauseMs) => ({ name: `${names[role]}.retry.${pauseMs}`, pauseMs })),
      deliveryLimit: options.deliveryLimit ?? 20,
    })),
  };
}

/** The queue of a role. */
export function workQueue(layout: Topology, role: QueueRole): WorkQueue {
  const queue = layout.queues.find((candidate) => candidate.role === role);
  if (!queue) throw new RangeError(`The topology has no queue for the role '${role}'.`);
  return queue;
}

/** Must this event reach a queue? */
export const mustBeRouted = (type: EventType): boolean =>
  eventDefinitions[type].delivery === 'work';
