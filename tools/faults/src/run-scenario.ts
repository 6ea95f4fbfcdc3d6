import { seededRandom } from '@mosaicme/random';
import { idInKey, prefixes } from '@mosaicme/contracts';
import type { TestServers } from '@mosaicme/test-servers';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from './app-process';
import { eventually, startPipeline, type Pipeline } from './pipeline';
import { wavePicture } from './pictures';
import { seedFor } from './random';
import { flush, type Scenario } from './scenarios';
import { violationsOf, type ScenarioResult } from './violations';

export interface ScenarioReport extends ScenarioResult {
  readonly seconds: number;
  readonly restarts: number;
  readonly note: string;
  /** What is wrong; empty when all is well. */
  readonly violations: readonly string[];
}

/** Small mosaics, short pauses: what takes hours in production takes a minute here. */
export const smallAndQuick: Readonly<Record<string, string>> = {
  MOSAIC_CELLS: '8',
  MOSAIC_TILE_SIZE: '16',
  MOSAIC_REPEAT_DISTANCE: '1',
  MOSAIC_THUMBNAIL_WIDTH: '64',
  MOSAIC_MIN_TILES: '40',
  TILES_PACK_WAIT_MS: '300',
  TILES_NEAR_DUPLICATE_BITS: '0',
  RETRY_PAUSES_MS: '200,500,1000,2000,5000,10000,20000',
  RECONCILE_SECONDS: '3',
  RECONCILE_AGE_SECONDS: '8',
  SWEEP_AGE_SECONDS: '8',
  ANSWER_SETTLE_SECONDS: '4',
  HEARTBEAT_SECONDS: '5',
  PREFETCH: '8',
};

const libraryPhotos = 60;
const postPauseMs = 40;
/** A scenario in which nothing changes for so long has come to a stop. */
const longestStandstillMs = 120_000;
/** Time for a scenario however slow the machine is: what it always needs, and for each request. */
const deadlineMs = (requests: number): number => 300_000 + requests * 3_000;

/** Runs one scenario on a pipeline of its own. */
export async function runScenario(
  scenario: Scenario,
  input: {
    readonly servers: TestServers;
    readonly appsFolder: string;
    readonly requests: number;
    readonly seed: number;
    readonly onLog?: (name: string, line: LogLine) => void;
  },
): Promise<ScenarioReport> {
  const { servers, appsFolder, requests, seed } = input;
  const startedAt = Date.now();
  const deadline = startedAt + deadlineMs(requests);
  await flush(servers.redisUrl);
  const random = seededRandom(seedFor(seed, scenario.name));
  const disturbance = await scenario.prepare({ random, servers, requests });
  const pipeline = await startPipeline({
    servers,
    appsFolder,
    environment: smallAndQuick,
    // Both would hide answers that are posted twice.
    simulator: { allowDuplicates: true, timelineLagMs: 300, ...scenario.simulator },
    ...disturbance.hooks,
    ...(input.onLog && { onLog: input.onLog }),
  });
  try {
    await inTime('the tile library', pipeline.fillLibrary(libraryPhotos), deadline - Date.now());
    const photos = await Promise.all(
      Array.from({ length: 12 }, (_, index) => wavePicture(1_000 + index, 48)),
    );
    const over = new AbortController();
    const answered = () => new Set(pipeline.simulator.answers().map((post) => post.inReplyTo)).size;
    // Redis may be away on purpose.
    const listed = () => pipeline.catalogue.count().catch(() => 0);
    const acting = (async () => {
      await sleep(500);
      await disturbance.act(pipeline, {
        over: over.signal,
        reached: async (share) => {
          await eventually(
            async () => over.signal.aborted || answered() >= share * requests,
            deadline - Date.now(),
            50,
          );
        },
      });
    })();
    const ids = new Set<string>();
    for (let count = 0; count < requests; count++) {
      ids.add(await pipeline.request(photos[count % photos.length]!));
      await sleep(postPauseMs);
    }
    await whileItMoves(deadline, async () => {
      const counts = [answered(), await listed()];
      return { done: counts.every((count) => count >= requests), state: counts.join() };
    });
    over.abort();
    await inTime('the end of the faults', acting, longestStandstillMs);
    await whileItMoves(deadline, async () => {
      const seen = await look(pipeline, ids);
      return { done: pipeline.inFlight() === 0 && isAtRest(seen), state: JSON.stringify(seen) };
    });
    let wrong: readonly string[] = [];
    await whileItMoves(deadline, async () => {
      wrong = (await disturbance.check?.(pipeline)) ?? [];
      return { done: wrong.length === 0, state: wrong.join() };
    });
    await pipeline.stopApps();
    // Only now the messages in flight are back in their queues.
    const seen = await look(pipeline, ids);
    const result: ScenarioResult = {
      name: scenario.name,
      faults: disturbance.faults(),
      requests,
      published: seen.published,
      answers: seen.answers,
      duplicateAnswers: seen.duplicateAnswers,
      stuck: seen.stuck,
      temporaryFiles: seen.temporaryFiles,
    };
    return {
      ...result,
      seconds: Math.round((Date.now() - startedAt) / 1_000),
      restarts: [...pipeline.apps.values()].reduce((sum, app) => sum + app.crashes, 0),
      note: [disturbance.note?.(), seen.where].filter(Boolean).join('; '),
      violations: [...violationsOf(result), ...wrong],
    };
  } finally {
    await pipeline.close();
    await disturbance.close?.();
  }
}

interface Seen {
  readonly published: number;
  readonly answers: number;
  readonly duplicateAnswers: number;
  readonly stuck: number;
  readonly temporaryFiles: number;
  readonly requests: number;
  /** Which queues hold messages, for people. */
  readonly where: string;
}

/** Looks at everything from outside, past the apps. */
async function look(pipeline: Pipeline, ids: ReadonlySet<string>): Promise<Seen> {
  const { simulator, store, catalogue, config, folder } = pipeline;
  const posts = simulator.answers().map((post) => post.inReplyTo);
  const answers = new Set(posts).size;
  const listed = new Set<string>();
  let after: string | undefined;
  do {
    const page = await catalogue.list({ limit: 200, ...(after !== undefined && { after }) });
    for (const { mosaic, answer } of page.entries) if (answer) listed.add(mosaic.id);
    after = page.next;
  } while (after !== undefined);
  const inBucket = new Set<string>();
  for await (const { key } of store.list(config.buckets.outSmall, { prefix: prefixes.mosaics })) {
    const id = idInKey(prefixes.mosaics, key);
    if (id !== undefined) inBucket.add(id);
  }
  const messages = [...(await pipeline.messages())].filter(([, count]) => count > 0);
  let temporaryFiles = 0;
  for await (const _ of store.list(config.buckets.work)) temporaryFiles++;
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  temporaryFiles += files.filter(
    (file) =>
      file.isFile() && (file.name.includes('.partial-') || !file.parentPath.includes('/cache')),
  ).length;
  return {
    requests: ids.size,
    published: [...ids].filter((id) => listed.has(id) && inBucket.has(id)).length,
    answers,
    duplicateAnswers: posts.length - answers,
    stuck: messages.reduce((sum, [, count]) => sum + count, 0),
    temporaryFiles,
    where: messages.map(([name, count]) => `${name}: ${count}`).join(', '),
  };
}

const isAtRest = (seen: Seen): boolean =>
  seen.published === seen.requests &&
  seen.answers === seen.requests &&
  seen.stuck === 0 &&
  seen.temporaryFiles === 0;

/** Looks again and again until it is done, or nothing changes any more, or time is up. */
async function whileItMoves(
  deadline: number,
  look: () => Promise<{ readonly done: boolean; readonly state: string }>,
): Promise<void> {
  let last = '';
  let changedAt = Date.now();
  while (Date.now() < deadline && Date.now() - changedAt < longestStandstillMs) {
    const { done, state } = await look();
    if (done) return;
    if (state !== last) changedAt = Date.now();
    last = state;
    await sleep(500);
  }
}

async function inTime<Value>(what: string, task: Promise<Value>, ms: number): Promise<Value> {
  const clock = new AbortController();
  try {
    return await Promise.race([
      task,
      sleep(ms, undefined, { signal: clock.signal }).then(() => {
        throw new Error(`Not in time: ${what}.`);
      }),
    ]);
  } finally {
    clock.abort();
  }
}
