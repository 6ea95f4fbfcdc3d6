import { deadline } from '@mosaicme/async';
import { queueRoles, type QueueRole } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { WebPorts } from '../ports';
import type { HeartbeatRegistry, InstanceStatus } from './registry';

/** The whole system at one moment. */
export interface StatusReport {
  readonly instances: readonly InstanceStatus[];
  readonly queues: readonly QueueStatus[];
}

export interface QueueStatus {
  readonly role: QueueRole;
  /** Messages that wait; absent when the broker does not answer. */
  readonly ready?: number;
  /** Dead-lettered messages. */
  readonly dead?: number;
}

const freshMs = 2_000;
const patienceMs = 1_500;

/**
 * Reports on the system. The broker is asked for depths at most every two seconds, however many
 * visitors look, and a broker that does not answer in time costs the page only its numbers.
 */
export function createReporter(
  { messaging, logger }: Pick<WebPorts, 'messaging' | 'logger'>,
  registry: HeartbeatRegistry,
  now: () => number = Date.now,
): () => Promise<StatusReport> {
  let asked: { readonly at: number; readonly queues: Promise<readonly QueueStatus[]> } | undefined;

  const ask = async (role: QueueRole): Promise<QueueStatus> => {
    try {
      return { role, ...(await deadline(() => messaging.depth(role), { ms: patienceMs })) };
    } catch (error) {
      logger.debug({ error, role }, `The depth of a queue is unknown: ${messageOf(error)}`);
      return { role };
    }
  };

  return async () => {
    if (!asked || now() - asked.at >= freshMs) {
      asked = { at: now(), queues: Promise.all(queueRoles.map(ask)) };
    }
    const queues = await asked.queues;
    return { instances: registry.snapshot(now()), queues };
  };
}
