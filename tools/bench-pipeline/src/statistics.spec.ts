import { latenciesOf, percentile } from './statistics';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);

it.each([
  [0.5, 50],
  [0.95, 95],
  [0.99, 99],
  [1, 100],
])('finds the value below which a share of %d lies', (share, value) => {
  expect(percentile(upTo(100), share)).toBe(value);
});

it('takes a value that occurs, also among few', () => {
  expect(percentile([3, 1], 0.5)).toBe(1);
  expect(percentile([7], 0.99)).toBe(7);
});

it('refuses a percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

it('sums up latencies', () => {
  expect(latenciesOf(upTo(200))).toEqual({ count: 200, p50: 100, p95: 190, p99: 198, max: 200 });
});
