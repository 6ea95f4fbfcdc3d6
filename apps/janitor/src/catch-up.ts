import { mapConcurrently } from '@mosaicme/async';
import { authorKey, createEvent, idInKey, prefixes, type Photo } from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import {
  authorDecisionLogSchema,
  decisionLogSchema,
  rawRecordSchema,
  recordDecision,
  requestRecordSchema,
  standingOf,
  type DecisionLog,
} from '@mosaicme/requests';
import type { CarryOut } from './carry-out';
import type { JanitorPorts } from './ports';

export interface CatchUpPorts extends JanitorPorts {
  readonly signal: AbortSignal;
}

const readsAtOnce = 16;

/**
 * Carries out the decisions whose message was lost, and looks once more at what was withdrawn.
 *
 * @param since Only decisions written since then; all unless given.
 */
export async function catchUpDecisions(
  ports: CatchUpPorts,
  carryOut: CarryOut,
  since?: Date,
): Promise<void> {
  const { store, buckets, signal } = ports;
  const ids = async function* () {
    for await (const info of store.list(buckets.in, { prefix: prefixes.decisions })) {
      if (since === undefined || info.lastModified >= since) {
        const id = idInKey(prefixes.decisions, info.key);
        if (id !== undefined) yield id;
      }
    }
  };
  const withdrawn: DecisionLog[] = [];
  for await (const log of mapConcurrently(ids(), readsAtOnce, (id) => readLog(ports, id))) {
    if (!log) continue;
    signal.throwIfAborted();
    if (log.outcome?.decisions !== log.decisions.length) await carryOut.decision(log.subject);
    else if (standingOf(log.decisions) === 'withdrawn') withdrawn.push(log);
  }
  if (withdrawn.length === 0) return;
  const first = Math.min(
    ...withdrawn.map(({ outcome, decisions }) => Date.parse(outcome?.at ?? decisions[0]!.at)),
  );
  // What was written shortly before may have been on its way.
  await carryOut.again(
    withdrawn.map(({ subject }) => subject),
    new Date(first - 600_000),
  );
}

async function readLog(
  { store, keys, logger }: CatchUpPorts,
  id: string,
): Promise<DecisionLog | undefined> {
  try {
    return (await readRecord(store, keys.decisions(id), decisionLogSchema))?.record;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    logger.error({ error, id }, `decisions that cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * Decides about each photo of the authors who were withdrawn, so that what came before their withdrawal
 * goes, too. Looks at all records when somebody was withdrawn since the last time.
 */
export function createCatchUpAuthors(ports: JanitorPorts) {
  const { app, store, keys, buckets, messaging, logger } = ports;
  const done = new Set<string>();

  return async (): Promise<void> => {
    const found = await readRecord(store, keys.authorDecisions(), authorDecisionLogSchema);
    const withdrawals = new Map(
      (found?.record.decisions ?? [])
        .filter(({ verb, author }) => verb === 'withdraw' && !done.has(author))
        .map((decision) => [decision.author, decision]),
    );
    if (withdrawals.size === 0) return;
    let count = 0;
    for await (const { id, photo } of photosOf(ports)) {
      const decision = withdrawals.get(authorKey(photo));
      if (!decision) continue;
      const { by, at, why } = decision;
      await recordDecision(ports, id, {
        verb: 'withdraw',
        by,
        at,
        ...(why !== undefined && { why }),
      });
      await messaging.publish(
        createEvent('decision.recorded.v1', { subject: id }, { app, subject: id }),
      );
      count++;
    }
    for (const author of withdrawals.keys()) done.add(author);
    logger.info(
      { authors: withdrawals.size, count },
      'authors were withdrawn with what they posted',
    );
  };

  async function* photosOf({ store: from }: JanitorPorts) {
    const refs = async function* () {
      for (const [bucket, prefix, ending] of [
        [buckets.in, prefixes.requests, '/request.json'],
        [buckets.raw, prefixes.photos, '/photo.json'],
      ] as const) {
        for await (const { key } of from.list(bucket, { prefix })) {
          const id = key.endsWith(ending) ? idInKey(prefix, key) : undefined;
          if (id !== undefined) yield { id, isRequest: prefix === prefixes.requests };
        }
      }
    };
    const photos = mapConcurrently(refs(), readsAtOnce, async ({ id, isRequest }) => ({
      id,
      photo: await photoOf(id, isRequest),
    }));
    for await (const { id, photo } of photos) if (photo) yield { id, photo };
  }

  async function photoOf(id: string, isRequest: boolean): Promise<Photo | undefined> {
    try {
      return isRequest
        ? (await readRecord(store, keys.requestRecord(id), requestRecordSchema))?.record.request
            .photo
        : (await readRecord(store, keys.rawRecord(id), rawRecordSchema))?.record.photo;
    } catch (error) {
      if (!isPermanent(error)) throw error;
      return undefined;
    }
  }
}
