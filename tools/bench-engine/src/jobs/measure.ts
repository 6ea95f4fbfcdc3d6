/** What a job hands back. */
export interface Measured {
  /** Of each time, in order. */
  readonly seconds: readonly number[];
  /** Other figures, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Does something once unmeasured, then `times` times. @returns the seconds of each, and the last result. */
export async function repeat<Result>(
  times: number,
  work: () => Promise<Result>,
): Promise<{ readonly seconds: readonly number[]; readonly last: Result }> {
  let last = await work();
  const seconds: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    last = await work();
    seconds.push((performance.now() - startedAt) / 1_000);
  }
  return { seconds, last };
}

/** The middle one; of an even count the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? NaN;
  return (upper + lower) / 2;
}
