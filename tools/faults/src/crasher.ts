import type { Step, Worker } from './pipeline';
import { between, type Random } from './random';

/** The boundaries that each worker's work has. */
export const stepsOf: Readonly<Record<Worker, readonly Step[]>> = {
  collector: ['before store', 'after store', 'before follow-up', 'after follow-up'],
  'sync-downloader': [
    'before store',
    'after store',
    'before follow-up',
    'after follow-up',
    'before ack',
  ],
  engine: ['before store', 'after store', 'before follow-up', 'after follow-up', 'before ack'],
  'sync-uploader': [
    'before store',
    'after store',
    'before follow-up',
    'after follow-up',
    'before ack',
    'after answer',
  ],
  cacher: ['before store', 'after store', 'before ack'],
  janitor: ['before store', 'after store', 'before follow-up', 'after follow-up', 'before ack'],
};

/** A boundary that nobody reaches for so long is skipped. */
const longestWaitMs = 5_000;

export interface Crasher {
  /** True when the worker dies here. */
  onStep(worker: Worker, step: Step): boolean;
  /** How often each boundary was hit, by worker and step. */
  readonly kills: ReadonlyMap<string, number>;
  readonly count: number;
  start(): void;
  stop(): void;
}

/**
 * Decides at which boundaries workers die: each boundary of each worker in turn, in a random order, each
 * after a random number of passages.
 *
 * @param options.maxKills After so many there is peace.
 * @param options.mostPassages Passages of the boundary that go well before one kills, at most.
 */
export function createCrasher(options: {
  readonly random: Random;
  readonly workers: readonly Worker[];
  readonly maxKills: number;
  readonly mostPassages: number;
}): Crasher {
  const { random, workers, maxKills, mostPassages } = options;
  const targets = workers.flatMap((worker) => stepsOf[worker].map((step) => ({ worker, step })));
  const kills = new Map<string, number>();
  let queue: typeof targets = [];
  let count = 0;
  let active = false;
  let passages = 0;
  let chosenAt = 0;

  const next = () => {
    if (queue.length === 0) queue = shuffled(targets, random);
    passages = between(random, 1, mostPassages);
    chosenAt = Date.now();
    return queue.pop();
  };
  let target = next();

  return {
    kills,
    get count() {
      return count;
    },
    onStep(worker, step) {
      if (!active || count >= maxKills) return false;
      // Its worker may have nothing to do any more.
      if (Date.now() - chosenAt > longestWaitMs) target = next();
      if (worker !== target?.worker || step !== target.step || --passages > 0) return false;
      count++;
      const name = `${worker} ${step}`;
      kills.set(name, (kills.get(name) ?? 0) + 1);
      target = next();
      return true;
    },
    start: () => (active = true),
    stop: () => (active = false),
  };
}

/** The items in a random order (Fisher and Yates). */
function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = between(random, 0, last);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
