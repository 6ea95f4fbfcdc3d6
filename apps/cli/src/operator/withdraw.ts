import { deadline, sleep } from '@mosaicme/async';
import { objectKeys, type ObjectKeys } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import { readRecord, type ObjectStore } from '@mosaicme/object-store';
import {
  connectMessaging,
  connectStore,
  decide,
  parseTarget,
  withdraw,
  type DecidePorts,
  type PipelineConfig,
} from '@mosaicme/pipeline';
import {
  answerRecordSchema,
  decisionLogSchema,
  mosaicRecordSchema,
  type Decision,
  type DecisionOutcome,
} from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import pLimit from 'p-limit';

type BrokerAndStore = Omit<PipelineConfig, 'service'>;

export interface WithdrawOptions {
  readonly by: string;
  readonly why: string;
  /** Wait until it is carried out. */
  readonly wait: boolean;
}

/** What became of a withdrawal. */
export interface WithdrawReport {
  /** Photos and requests that are withdrawn. */
  readonly ids: readonly string[];
  readonly authors: number;
  /** False where it was not waited for. */
  readonly carriedOut: boolean;
  /** What was deleted, counted by kind. */
  readonly removed: { readonly request: number; readonly mosaic: number; readonly tile: number };
  /** Mosaics that used the photo and were drawn anew. */
  readonly redrawn: number;
  readonly answers: { readonly deleted: number; readonly kept: readonly string[] };
}

/** How long the broker may take to be there, in milliseconds. */
const connectWithinMs = 10_000;
/** How long the whole may take, in milliseconds; longer means that an app does not run. */
const carryOutWithinMs = 600_000;
/** After this time an answer that nobody deletes is left out of the report. */
const answersWithinMs = 30_000;
const lookEveryMs = 250;
const readsAtOnce = 16;

/**
 * Withdraws a post, all of an author, or what an id names, and waits until janitor has carried it out.
 *
 * @throws PermanentError `decision.target`, `decision.unknown`; TransientError `operator.not-carried-out`.
 */
export async function withdrawTarget(
  config: BrokerAndStore,
  text: string,
  { by, why, wait }: WithdrawOptions,
  logger: Logger,
): Promise<WithdrawReport> {
  const target = parseTarget(text);
  return withPorts(config, logger, async (ports) => {
    const at = new Date().toISOString();
    const before = new Date();
    const { ids, authors } = await withdraw(ports, target, { by, why, at });
    const report = {
      ids,
      authors: authors.length,
      carriedOut: false,
      removed: { request: 0, mosaic: 0, tile: 0 },
      redrawn: 0,
      answers: { deleted: 0, kept: [] },
    };
    if (!wait) return report;
    const outcomes = await outcomesOf(ports, ids, before);
    const removed = outcomes.flatMap((outcome) => outcome.removed);
    const count = (kind: (typeof removed)[number]) => removed.filter((one) => one === kind).length;
    return {
      ...report,
      carriedOut: true,
      removed: { request: count('request'), mosaic: count('mosaic'), tile: count('tile') },
      redrawn: await redrawnOf(ports, outcomes),
      answers: await answersOf(ports, ids),
    };
  });
}

/** Records a decision about one id. @throws PermanentError `decision.unknown` */
export async function decideId(
  config: BrokerAndStore,
  id: string,
  decision: Pick<Decision, 'verb' | 'by' | 'why'>,
  logger: Logger,
): Promise<void> {
  await withPorts(config, logger, (ports) =>
    decide(ports, id, { ...decision, at: new Date().toISOString() }),
  );
}

/** A report in words. */
export function formatWithdrawal(report: WithdrawReport): string {
  const { ids, authors, carriedOut, removed, redrawn, answers } = report;
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const lines = [
    ids.length === 0
      ? 'Withdrawn before; nothing is left.'
      : `Withdrawn: ${ids.join(', ')}${authors > 0 ? `, and ${plural(authors, 'author')} for the future` : ''}.`,
  ];
  if (!carriedOut) return [...lines, 'janitor carries it out.'].join('\n');
  lines.push(
    `Removed: ${plural(removed.request, 'request')}, ${plural(removed.mosaic, 'mosaic')}, ${plural(removed.tile, 'tile')}.`,
    `Drawn anew without it: ${plural(redrawn, 'mosaic')}.`,
  );
  if (answers.deleted > 0) lines.push(`Deleted: ${plural(answers.deleted, 'answer')}.`);
  for (const reason of answers.kept) lines.push(`An answer stays: ${reason}`);
  return lines.join('\n');
}

/** What janitor did about each id, once it did. */
async function outcomesOf(
  { store, keys }: Ports,
  ids: readonly string[],
  since: Date,
): Promise<DecisionOutcome[]> {
  return pLimit(readsAtOnce).map([...ids], (id) =>
    until(`the withdrawal of ${id}; does janitor run?`, async () => {
      const outcome = (await readRecord(store, keys.decisions(id), decisionLogSchema))?.record
        .outcome;
      // The clock of janitor's machine may differ by a little.
      const isOld = outcome && Date.parse(outcome.at) < since.getTime() - 60_000;
      return isOld ? undefined : outcome;
    }),
  );
}

/** Waits until every mosaic is drawn anew, or gone. */
async function redrawnOf({ store, keys }: Ports, outcomes: readonly DecisionOutcome[]) {
  const redrawn = new Map(
    outcomes.flatMap((outcome) => outcome.redrawn).map((one) => [`${one.id} ${one.revision}`, one]),
  );
  await pLimit(readsAtOnce).map([...redrawn.values()], ({ id, revision }) =>
    until(`the new drawing of mosaic ${id}; do engine and sync-uploader run?`, async () => {
      const found = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
      return found?.record.revision === revision ? undefined : true;
    }),
  );
  return new Set([...redrawn.values()].map(({ id }) => id)).size;
}

/** What became of the answers. One whose network is away stays in the queue, and out of the report. */
async function answersOf({ store, keys }: Ports, ids: readonly string[]) {
  const deadlineAt = Date.now() + answersWithinMs;
  const outcomes = await pLimit(readsAtOnce).map([...ids], async (id) => {
    for (;;) {
      const found = await readRecord(store, keys.answerRecord(id), answerRecordSchema);
      if (found?.record.answer.status !== 'answered') return undefined;
      if (found.record.withdrawal) return found.record.withdrawal;
      if (Date.now() > deadlineAt) {
        return {
          outcome: 'kept' as const,
          reason: 'it is not deleted yet; sync-uploader tries on.',
        };
      }
      await sleep(lookEveryMs, new AbortController().signal);
    }
  });
  return {
    deleted: outcomes.filter((one) => one?.outcome === 'deleted').length,
    kept: outcomes.flatMap((one) => (one?.outcome === 'kept' ? [one.reason ?? 'unknown'] : [])),
  };
}

async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const end = Date.now() + carryOutWithinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) {
      throw new TransientError(
        'operator.not-carried-out',
        `The decision is recorded, and ${carryOutWithinMs / 1_000} s were not enough for ${what}`,
      );
    }
    await sleep(lookEveryMs, new AbortController().signal);
  }
}

interface Ports extends DecidePorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
}

async function withPorts<Result>(
  config: BrokerAndStore,
  logger: Logger,
  work: (ports: Ports) => Promise<Result>,
): Promise<Result> {
  const { buckets } = config;
  const store = connectStore(config);
  const messaging = connectMessaging(config, logger, 'mosaicme decide');
  try {
    await deadline(() => messaging.ready(), {
      ms: connectWithinMs,
      tooLate: (ms) =>
        new TransientError(
          'messaging.unreachable',
          `The broker was not there within ${ms / 1_000} s; check the RABBITMQ variables.`,
        ),
    });
    return await work({ app: 'mosaicme', store, messaging, keys: objectKeys(buckets), buckets });
  } finally {
    await messaging.close();
    await store.close();
  }
}
