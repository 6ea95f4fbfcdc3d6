/** What a job hands back. */
export interface Measured {
  /** Of each time, in order. */
  readonly seconds: readonly number[];
  /** Other figures, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Times of something that was done several times. */
export interface Repeated<Result> {
  /** Of each time. */
  readonly seconds: readonly number[];
  /** Median of the processor time of all threads: what a busy machine does not distort. */
  readonly cpuSeconds: number;
  readonly last: Result;
}

/** Does something once unmeasured, then `times` times. */
export async function repeat<Result>(
  times: number,
  work: () => Promise<Result>,
): Promise<Repeated<Result>> {
  let last = await work();
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    const usedBefore = process.cpuUsage();
    last = await work();
    const { user, system } = process.cpuUsage(usedBefore);
    seconds.push((performance.now() - startedAt) / 1_000);
    cpuSeconds.push((user + system) / 1e6);
  }
  return { seconds, cpuSeconds: median(cpuSeconds), last };
}

/** The middle one; of an even count the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? NaN;
  return (upper + lower) / 2;
}
