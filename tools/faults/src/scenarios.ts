import type { SimulatorOptions } from '@mosaicme/social-simulator';
import type { TestServers } from '@mosaicme/test-servers';
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createCrasher } from './crasher';
import type { HttpFault } from './http-proxy';
import { workers, type Pipeline, type PipelineOptions, type Worker } from './pipeline';
import { between, pick, type Random } from './random';
import { withdrawEverywhere } from './withdraw-everywhere';

const run = promisify(execFile);

/** What a scenario does to a running pipeline. */
export interface Disturbance {
  /** Hooks that must be in place before the apps start. */
  readonly hooks?: Pick<PipelineOptions, 'onStep' | 's3Fault' | 'appEnvironment'>;
  /** Starts when half a second of posts is in flight; resolves when the disturbance is over. */
  act(pipeline: Pipeline, progress: Progress): Promise<void>;
  /** Faults injected so far. */
  faults(): number;
  /** What is wrong at the end that is not seen at the requests; empty when all is well. */
  check?(pipeline: Pipeline): Promise<readonly string[]>;
  /** What happened, for the table. */
  note?(): string;
  close?(): Promise<void>;
}

export interface Progress {
  /** Resolves when this share (0 to 1) of the requests is answered, or when the run is over. */
  reached(share: number): Promise<void>;
  /** Aborts when every request is answered and listed, or when time is up. */
  readonly over: AbortSignal;
}

export interface ScenarioContext {
  readonly random: Random;
  readonly servers: TestServers;
  readonly requests: number;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly simulator?: SimulatorOptions;
  readonly prepare: (context: ScenarioContext) => Promise<Disturbance>;
}

const killing = (name: string, victims: readonly Worker[]): Scenario => ({
  name,
  summary: `kill -9 of ${victims.join(', ')} at every boundary`,
  prepare: async ({ random, requests }) => {
    const crasher = createCrasher({
      random,
      workers: victims,
      maxKills: Math.max(6, Math.round(requests / 10)),
      mostPassages: 12,
    });
    return {
      hooks: { onStep: crasher.onStep },
      act: async (_pipeline, { over }) => {
        crasher.start();
        await aborted(over);
        crasher.stop();
      },
      faults: () => crasher.count,
      note: () => [...crasher.kills].map(([where, count]) => `${where} ${count}x`).join(', '),
    };
  },
});

/** Does something again and again until the run is over. */
const repeating = (
  times: number,
  once: (pipeline: Pipeline, over: AbortSignal) => Promise<void>,
): Disturbance => {
  let faults = 0;
  return {
    act: async (pipeline, { over }) => {
      while (faults < times && !over.aborted) {
        faults++;
        await once(pipeline, over);
      }
    },
    faults: () => faults,
  };
};

export const scenarios: readonly Scenario[] = [
  withdrawEverywhere,
  ...workers.map((worker) => killing(`kill-${worker}`, [worker])),
  killing('kill-any', workers),
  {
    name: 'broker-killed',
    summary: 'the broker is killed and started again',
    prepare: async ({ servers }) => {
      let faults = 0;
      return {
        act: async (_pipeline, { reached }) => {
          for (const share of [0.1, 0.5]) {
            await reached(share);
            faults++;
            await servers.amqp.stop();
            await servers.amqp.start();
          }
        },
        faults: () => faults,
      };
    },
  },
  {
    name: 'broker-emptied',
    summary: 'the broker loses all queues and their messages',
    prepare: async () => {
      let faults = 0;
      return {
        act: async (pipeline, { reached }) => {
          for (const share of [0.2, 0.6]) {
            await reached(share);
            faults++;
            await pipeline.deleteQueues();
          }
        },
        faults: () => faults,
      };
    },
  },
  {
    name: 'broker-reset',
    summary: 'connections to the broker are reset',
    prepare: async ({ random }) =>
      repeating(20, async ({ brokers }, over) => {
        brokers.get(pick(random, workers))?.reset();
        await pause(between(random, 100, 1_500), over);
      }),
  },
  {
    name: 'broker-half-open',
    summary: 'connections stand and no byte passes, for longer than two heartbeats',
    prepare: async ({ random }) =>
      repeating(2, async ({ brokers }, over) => {
        const victims = [pick(random, workers), 'sync-uploader'] as const;
        for (const victim of victims) brokers.get(victim)?.hold(true);
        await pause(between(random, 24_000, 30_000), over);
        for (const victim of victims) brokers.get(victim)?.hold(false);
        await pause(2_000, over);
      }),
  },
  {
    name: 'broker-slow',
    summary: 'every byte to and from the broker is late by up to 250 ms',
    prepare: async ({ random }) =>
      repeating(30, async ({ brokers }, over) => {
        for (const proxy of brokers.values()) proxy.delay(between(random, 20, 250));
        await pause(1_000, over);
        for (const proxy of brokers.values()) proxy.delay(0);
      }),
  },
  {
    name: 'redis-lost',
    summary: 'Redis is flushed, killed and started again',
    prepare: async ({ servers, random }) => {
      let faults = 0;
      return {
        act: async (_pipeline, { reached }) => {
          for (const share of [0.2, 0.4, 0.7, 0.95]) {
            await reached(share);
            faults++;
            if (faults % 2 === 1) {
              await flush(servers.redisUrl);
            } else {
              await servers.redis.stop();
              await sleep(between(random, 500, 4_000));
              await servers.redis.start();
            }
          }
        },
        faults: () => faults,
      };
    },
  },
  {
    name: 's3-errors',
    summary: 'the object store answers 500, 503 and SlowDown, before and after it did the work',
    prepare: async ({ random }) => {
      let faults = 0;
      let share = 0;
      const failures = [
        { status: 500, code: 'InternalError' },
        { status: 503, code: 'ServiceUnavailable' },
        { status: 503, code: 'SlowDown' },
      ];
      return {
        hooks: {
          s3Fault: (): HttpFault => {
            if (random() >= share) return { kind: 'pass' };
            faults++;
            return { kind: random() < 0.5 ? 'fail' : 'fail after', ...pick(random, failures) };
          },
        },
        act: async (_pipeline, { over }) => {
          // A steady drizzle, and short whole outages.
          for (let round = 0; round < 6 && !over.aborted; round++) {
            share = 0.15;
            await pause(3_000, over);
            share = 1;
            await pause(between(random, 1_000, 4_000), over);
          }
          share = 0;
        },
        faults: () => faults,
      };
    },
  },
  {
    name: 's3-hangs',
    summary: 'the object store takes requests and does not answer',
    prepare: async ({ random }) => {
      let faults = 0;
      let hanging: Promise<void> | undefined;
      return {
        hooks: {
          s3Fault: (): HttpFault => {
            if (!hanging) return { kind: 'pass' };
            faults++;
            return { kind: 'hang', until: hanging };
          },
        },
        act: async (_pipeline, { reached, over }) => {
          // The last one is longer than the time-out of a request.
          for (const [share, ms] of [
            [0.1, between(random, 3_000, 8_000)],
            [0.5, 33_000],
          ] as const) {
            await reached(share);
            hanging = pause(ms, over);
            await hanging;
            hanging = undefined;
          }
        },
        faults: () => faults,
      };
    },
  },
  {
    name: 'answers-lost',
    summary: 'the network accepts an answer and the word of it is lost',
    simulator: { timelineLagMs: 1_500 },
    prepare: async ({ random, requests }) => {
      const resets = Math.ceil(requests / 5);
      const hangs = Math.min(4, requests);
      return {
        act: async ({ simulator }, { reached }) => {
          simulator.faults.loseAnswerAfterPosting('hang', hangs);
          simulator.faults.loseAnswerAfterPosting('reset', resets);
          await reached(0.5);
          simulator.faults.failNext('timeline', 503, between(random, 1, 10));
          simulator.faults.failNext('post', 503, 5);
          simulator.faults.failNext('media', 500, 5);
        },
        faults: () => resets + hangs + 10,
      };
    },
  },
  {
    name: 'disk-full',
    summary: "the disk of the engine's cache is full, and so is the disk of its temporary files",
    prepare: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'mosaicme-full-'));
      const disk = join(folder, 'disk');
      await mkdir(disk);
      // Room for a few inodes and next to no bytes.
      await run('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
      let faults = 0;
      return {
        hooks: {
          appEnvironment: {
            engine: { ENGINE_CACHE_FOLDER: join(disk, 'cache'), TMPDIR: disk },
            'sync-downloader': { TMPDIR: disk },
            'sync-uploader': { TMPDIR: disk },
            collector: { TMPDIR: disk },
          },
        },
        act: async ({ apps }, { reached }) => {
          faults++;
          for (const share of [0.2, 0.5]) {
            await reached(share);
            // It starts again with the disk as full as it is.
            apps.get('engine')?.kill();
            faults++;
          }
        },
        faults: () => faults,
        close: async () => {
          await run('umount', [disk]);
          await rm(folder, { recursive: true });
        },
      };
    },
  },
];

/** Empties Redis. */
export async function flush(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushdb();
  } finally {
    redis.disconnect();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Waits; returns early when the run is over. */
const pause = (ms: number, over: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: over }).catch(() => undefined);
