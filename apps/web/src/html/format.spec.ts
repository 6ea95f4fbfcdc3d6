import { formatBytes, formatCount, formatDuration, formatTime } from './format';

it.each([
  [-3, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3_600, '1 h 0 min'],
  [100_000, '1 d 3 h'],
])('tells %d seconds as %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

it.each([
  [999, '999 bytes'],
  [1_500, '1.5 KB'],
  [20_000_000, '20 MB'],
])('tells %d bytes as %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

it('tells times in UTC and groups thousands', () => {
  expect(formatTime('2026-11-21T13:35:10Z')).toBe('21 Nov 2026, 13:35 UTC');
  expect(formatCount(10_000)).toBe('10,000');
});
