import fc from 'fast-check';
import { backoffMs } from './backoff';

const limits = { firstMs: 100, longestMs: 1_000 };
const almostOne = 1 - Number.EPSILON;

it.each([
  [0, 100],
  [1, 200],
  [2, 400],
  [3, 800],
  [4, 1_000],
  [5_000, 1_000],
])('has for attempt %d the upper bound %d ms', (attempt, bound) => {
  expect(backoffMs(attempt, limits, { random: () => almostOne })).toBeCloseTo(bound, 6);
});

it('goes down to no pause at all', () => {
  expect(backoffMs(3, limits, { random: () => 0 })).toBe(0);
});

it('is always a number between 0 and the longest pause', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), unit, (attempt, firstMs, longestMs, share) => {
      const pauseMs = backoffMs(attempt, { firstMs, longestMs }, { random: () => share });
      expect(pauseMs).toBeGreaterThanOrEqual(0);
      expect(pauseMs).toBeLessThanOrEqual(longestMs);
    }),
  );
});

it.each([
  ['is never shorter than the server asks', 0, 60_000],
  ['is spread beyond what the server asks', 0.5, 60_050],
])('%s', (_name, share, expected) => {
  expect(backoffMs(0, limits, { atLeastMs: 60_000, random: () => share })).toBe(expected);
});
