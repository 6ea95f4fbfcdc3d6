import type { QueueRole } from '@mosaicme/contracts';
import { createHash } from 'node:crypto';
import { readDeadMessage, type DeadMessage, type Headers } from './trail';

/**
 * What an operator looks at and does by hand. No app of the pipeline uses it. Whoever is killed in the
 * middle of one of these leaves every message where it was, or at its new place, or at both.
 */
export interface MessagingAdmin {
  /** Every work queue, in the order of the flow. */
  queues(options?: {
    /**
     * Also find out how old the first message of each work queue is. A broker gives a message out only
     * as a delivery, so each look counts as one toward the queue's delivery limit: for a person who
     * asks now and then, not for a loop.
     */
    readonly oldest?: boolean;
  }): Promise<readonly QueueState[]>;

  /** The dead letters of a queue, oldest first; they stay where they are. */
  deadLetters(role: QueueRole, options: { readonly limit: number }): Promise<readonly Letter[]>;

  /**
   * Sends dead letters back to their work queue, where they begin with a new first attempt and keep
   * their history. A letter leaves only once the broker has confirmed its copy.
   *
   * @param options.before Called for each letter before it moves; when it throws, the letter stays and
   *   the call fails.
   * @returns How many moved.
   */
  replay(
    role: QueueRole,
    options: { readonly select: Select; readonly before?: (letter: Letter) => Promise<void> },
  ): Promise<number>;

  /** Deletes dead letters for good. @returns How many. */
  drop(role: QueueRole, options: { readonly select: Select }): Promise<number>;

  close(): Promise<void>;
}

/** The state of a work queue and of what belongs to it. */
export interface QueueState {
  readonly role: QueueRole;
  readonly name: string;
  /** False when nobody has declared it yet; then all counts are 0. */
  readonly exists: boolean;
  /** Messages that wait for a consumer. */
  readonly ready: number;
  /** Messages in flight; undefined where the broker does not tell, as over AMQP. */
  readonly unacked: number | undefined;
  readonly consumers: number;
  /** Messages that wait for their next attempt, by retry queue, shortest pause first. */
  readonly retrying: readonly { readonly pauseMs: number; readonly count: number }[];
  readonly dead: number;
  /** When the first message was made; undefined when there is none or nobody looked. */
  readonly oldest: Date | undefined;
  /** When the first message was dead-lettered, as far as it tells. */
  readonly oldestDead: Date | undefined;
}

/** A dead letter with a name to call it by. */
export interface Letter extends DeadMessage {
  /** 12 hexadecimal digits, of its content: letters that say the same share it. */
  readonly id: string;
}

export type Select = (letter: Letter) => boolean;

/** A message of a dead-letter queue, as an operator sees it. */
export function readLetter(content: Uint8Array, headers: Headers | undefined): Letter {
  const id = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { ...readDeadMessage(content, headers), id };
}

/** The time in a letter, if it makes sense: headers come from outside. */
export function failureTime({ failedAt }: DeadMessage): Date | undefined {
  const time = new Date(failedAt ?? NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
