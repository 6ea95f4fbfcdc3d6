/** Latencies in milliseconds, as people compare them. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The value below which a share of the values lies, by the nearest-rank method.
 *
 * @param share From 0 (exclusive) to 1.
 * @throws RangeError when there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.ceil(share * sorted.length) - 1];
  if (value === undefined) throw new RangeError('There is no percentile of nothing.');
  return value;
}

export function latenciesOf(values: readonly number[]): Latencies {
  const at = (share: number) => Math.round(percentile(values, share));
  return { count: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
