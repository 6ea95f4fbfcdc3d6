import { codeOf, messageOf } from '@mosaicme/errors';
import { z } from 'zod';

/** Headers of a message, as far as this library reads and writes them. */
export type Headers = Readonly<Record<string, unknown>>;

/** The names of the headers that tell a message's past, for everyone who looks at a queue. */
export const headerNames = {
  /** Failed attempts so far. */
  attempts: 'x-mosaicme-attempts',
  /** Code and text of the last failure. */
  code: 'x-mosaicme-code',
  reason: 'x-mosaicme-reason',
  /** The last failures, oldest first: a JSON array of `Failure`. */
  history: 'x-mosaicme-history',
  /** On dead letters: the work queue it came from, and when it was dead-lettered. */
  queue: 'x-mosaicme-queue',
  failedAt: 'x-mosaicme-failed-at',
  /** On a deferred message: when it is to be handled. */
  notBefore: 'x-mosaicme-not-before',
  /** When an operator sent it back from the dead letters. */
  replayedAt: 'x-mosaicme-replayed-at',
} as const;

const failureSchema = z.object({
  attempt: z.int().min(1),
  at: z.string(),
  code: z.string(),
  reason: z.string(),
});

/** One failed attempt. */
export type Failure = z.infer<typeof failureSchema>;

/** What a message went through before this delivery. */
export interface Trail {
  /** Failed attempts; the number of failures ever, while `failures` keeps the last ones. */
  readonly attempts: number;
  readonly failures: readonly Failure[];
}

/** A message in a dead-letter queue. */
export interface DeadMessage {
  readonly content: Uint8Array;
  /** The work queue it came from; undefined when the broker dead-lettered it by itself. */
  readonly queue: string | undefined;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  /** ISO 8601; undefined when the broker dead-lettered it by itself. */
  readonly failedAt: string | undefined;
  readonly history: readonly Failure[];
}

// The headers of a message must fit into 64 KiB, whatever an error message contains.
const longestReason = 1_000;
const longestHistory = 10;

const trailSchema = z.object({
  [headerNames.attempts]: z.int().min(0).catch(0),
  [headerNames.history]: z
    .string()
    .transform(parseJson)
    .pipe(z.array(failureSchema).max(longestHistory))
    .catch([]),
});

const deadSchema = z.object({
  [headerNames.queue]: z.string().optional().catch(undefined),
  [headerNames.code]: z.string().optional().catch(undefined),
  [headerNames.reason]: z.string().optional().catch(undefined),
  [headerNames.failedAt]: z.string().optional().catch(undefined),
});

/** Reads the trail of a message. Headers come from outside: what makes no sense counts as absent. */
export function readTrail(headers: Headers | undefined): Trail {
  const read = trailSchema.parse(headers ?? {});
  return { attempts: read[headerNames.attempts], failures: read[headerNames.history] };
}

/** The trail after one more failed attempt. */
export function addFailure(trail: Trail, error: unknown, at: Date): Trail {
  const attempt = trail.attempts + 1;
  const failure = {
    attempt,
    at: at.toISOString(),
    code: codeOf(error),
    reason: messageOf(error).slice(0, longestReason),
  };
  return { attempts: attempt, failures: [...trail.failures, failure].slice(-longestHistory) };
}

/** The headers of a copy that waits for its next attempt. */
export function retryHeaders(trail: Trail): Headers {
  const last = trail.failures.at(-1);
  return {
    [headerNames.attempts]: trail.attempts,
    ...(last && { [headerNames.code]: last.code, [headerNames.reason]: last.reason }),
    [headerNames.history]: JSON.stringify(trail.failures),
  };
}

/** The headers of a dead letter. */
export function deadHeaders(trail: Trail, queue: string, at: Date): Headers {
  return {
    ...retryHeaders(trail),
    [headerNames.queue]: queue,
    [headerNames.failedAt]: at.toISOString(),
  };
}

/** The headers of a dead letter that is sent back: its attempts are counted anew, its past is kept. */
export function replayHeaders(headers: Headers | undefined, at: Date): Headers {
  return {
    [headerNames.history]: JSON.stringify(readTrail(headers).failures),
    [headerNames.replayedAt]: at.toISOString(),
  };
}

/** Reads a message of a dead-letter queue, whoever put it there. */
export function readDeadMessage(content: Uint8Array, headers: Headers | undefined): DeadMessage {
  const { attempts, failures } = readTrail(headers);
  const read = deadSchema.parse(headers ?? {});
  const deadLetteredByBroker = read[headerNames.failedAt] === undefined;
  return {
    content,
    queue: read[headerNames.queue],
    code: (deadLetteredByBroker ? undefined : read[headerNames.code]) ?? deliveryLimitCode,
    reason:
      (deadLetteredByBroker ? undefined : read[headerNames.reason]) ??
      'The broker dead-lettered the message after its delivery limit.',
    attempts,
    failedAt: read[headerNames.failedAt],
    history: failures,
  };
}

/** The code of a message that was delivered too often without an answer. */
export const deliveryLimitCode = 'messaging.delivery-limit';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
