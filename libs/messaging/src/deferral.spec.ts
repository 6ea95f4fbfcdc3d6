import { deferralHeaders, deferredUntil, pauseUntil } from './deferral';
import { headerNames } from './trail';

const now = new Date('2026-01-01T12:00:00Z');
const inMs = (ms: number) => new Date(now.getTime() + ms);

it.each([
  ['the longest pause that fits', 20 * 60_000, [1_000, 5_000, 30_000, 120_000], 120_000],
  ['a shorter one near the end', 20_000, [1_000, 5_000, 30_000, 120_000], 5_000],
  ['the shortest at the end', 300, [1_000, 5_000], 1_000],
  ['the shortest for a moment that is over', -5_000, [5_000, 1_000], 1_000],
  ['none without retry queues', 60_000, [], 0],
])('waits in the retry queue of %s', (_name, leftMs, pausesMs, pauseMs) => {
  expect(pauseUntil(inMs(leftMs), now, pausesMs)).toBe(pauseMs);
});

it('keeps the moment in the headers, beside what was there', () => {
  const headers = deferralHeaders({ [headerNames.attempts]: 2 }, inMs(1_000));
  expect(headers[headerNames.attempts]).toBe(2);
  expect(deferredUntil(headers)).toEqual(inMs(1_000));
});

it.each([undefined, {}, { [headerNames.notBefore]: 'soon' }, { [headerNames.notBefore]: 7 }])(
  'takes %j for not deferred',
  (headers) => {
    expect(deferredUntil(headers)).toBeUndefined();
  },
);
