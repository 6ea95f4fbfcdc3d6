import { runPeriodically } from '@mosaicme/async';
import type { JanitorConfig } from '@mosaicme/config';
import { messageOf } from '@mosaicme/errors';
import { assertConditionalWrites } from '@mosaicme/object-store';
import {
  consumeWork,
  reconcile,
  startPipelineApp,
  workUnderLease,
  type KnownRawPhoto,
  type PipelineContext,
  type PipelineOverrides,
} from '@mosaicme/pipeline';
import { listRequests } from '@mosaicme/requests';
import { waitFor, type RunningService } from '@mosaicme/service';
import { createCarryOut } from './carry-out';
import { catchUpDecisions, createCatchUpAuthors } from './catch-up';
import { sweep } from './sweep';
import { openTiles } from './tiles';

/** Decisions carried out at the same time; they share one look at the recipes. */
const decisionsAtOnce = 64;
/** A withdrawal is looked at again for so long, in milliseconds, as often as `lookAgainMs`. */
const freshMs = 60_000;
const lookAgainMs = 5_000;
/** What was written so long before a withdrawal may have been on its way. */
const lookBehindMs = 600_000;
/** Each pass looks at the decisions of so long before the pass before it. */
const lookBackMs = 24 * 3_600_000;

/**
 * Keeps house: carries out decisions, republishes what lost its message and removes what nothing names any
 * more. Of several janitors one works; the others stand by.
 */
export function startJanitor(
  config: JanitorConfig,
  overrides: PipelineOverrides & {
    /**
     * True when the broker starts empty: all work from before the start has lost its message. Such a
     * broker belongs to this process alone, so there is no second janitor and no lease.
     */
    readonly brokerStartsEmpty?: boolean;
  } = {},
): Promise<RunningService> {
  const { brokerStartsEmpty = false } = overrides;

  return startPipelineApp('janitor', config, overrides, {
    work: async (context) => {
      const { logger, signal, store } = context;
      // Without conditional writes two janitors could hold the lease.
      await waitFor('the object store', () => assertConditionalWrites(store, config.buckets.in), {
        logger,
        signal,
      });
      if (brokerStartsEmpty) await keepHouse(context, config, true);
      else workUnderLease(context, { name: 'janitor' }, (held) => keepHouse(held, config, false));
    },
  });
}

async function keepHouse(
  context: PipelineContext,
  { buckets, reconciliation, sweeping }: JanitorConfig,
  brokerStartsEmpty: boolean,
): Promise<void> {
  const { logger, signal, store, onStop, startedAt } = context;
  const tiles = await waitFor(
    'the tile library',
    () => openTiles({ store, bucket: buckets.tiles, logger }),
    { logger, signal },
  );
  onStop('tiles', () => tiles.close());
  const ports = { ...context, buckets, hasTile: tiles.has, tiles };
  const carryOut = createCarryOut(ports);
  const catchUpAuthors = createCatchUpAuthors(ports);
  let decidedSince: Date | undefined;

  const minAgeMs = reconciliation.ageSeconds * 1_000;
  const republished = new Map<string, number>();
  const rawPhotos = new Map<string, KnownRawPhoto>();
  /** What is publishable from one request to the next is known from the pass before. */
  let answerable = new Map<string, boolean>();
  const pass = async (options: { readonly minAgeMs: number; readonly now?: Date }) => {
    await tiles.refresh();
    const startedAtMs = Date.now();
    await catchUpAuthors();
    await catchUpDecisions(ports, carryOut, decidedSince);
    decidedSince = new Date(startedAtMs - lookBackMs);
    signal.throwIfAborted();
    const listed = await listRequests(ports, { isAnswerable: (id) => answerable.get(id) });
    answerable = new Map(
      listed.flatMap(({ id, facts }) =>
        facts.published?.answerable === undefined ? [] : [[id, facts.published.answerable]],
      ),
    );
    await reconcile(ports, { ...options, republished, rawPhotos, listed });
    signal.throwIfAborted();
    await sweep(ports, listed, new Date(Date.now() - sweeping.ageSeconds * 1_000));
  };

  /** What was withdrawn a moment ago, by id, with the time. */
  const fresh = new Map<string, number>();
  await consumeWork(context, 'janitor', decisionsAtOnce, {
    'decision.recorded.v1': async ({ data: { subject } }) => {
      if ((await carryOut.decision(subject)) === 'withdrawn') fresh.set(subject, Date.now());
    },
  });
  onStop(
    'second look at withdrawals',
    runPeriodically(
      async () => {
        const first = Math.min(...fresh.values());
        if (fresh.size > 0) await carryOut.again([...fresh.keys()], new Date(first - lookBehindMs));
        for (const [id, at] of fresh) if (Date.now() - at > freshMs) fresh.delete(id);
      },
      {
        everyMs: lookAgainMs,
        onError: (error) => logger.warn({ reason: messageOf(error) }, 'the second look failed'),
      },
    ),
  );

  // What is younger than this process was announced to this broker.
  const first = brokerStartsEmpty ? { now: startedAt, minAgeMs: 0 } : { minAgeMs };
  await waitFor('store and broker', () => pass(first), { logger, signal });
  if (reconciliation.seconds === 0) return;

  onStop(
    'periodic pass',
    runPeriodically(() => pass({ minAgeMs }), {
      everyMs: reconciliation.seconds * 1_000,
      onError: (error) => logger.warn({ reason: messageOf(error) }, 'the periodic pass failed'),
    }),
  );
}
