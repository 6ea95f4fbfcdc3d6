import { PermanentError, TransientError } from '@mosaicme/errors';
import fc from 'fast-check';
import { fateAfterFailure, pauseAfterHookFailure } from './fate';

const pauses = [10, 50, 300];
const dead = { kind: 'dead' };
const retry = (pauseMs: number) => ({ kind: 'retry', pauseMs });
const transient = (retryAfterMs?: number) =>
  new TransientError('test.away', 'Away.', retryAfterMs === undefined ? {} : { retryAfterMs });

describe('the fate of a message', () => {
  it.each([
    ['waits the first pause after the first failure', transient(), 1, pauses, retry(10)],
    ['waits the second pause after the second failure', transient(), 2, pauses, retry(50)],
    ['waits the last pause after the last but one', transient(), 3, pauses, retry(300)],
    ['is dead after the last pause', transient(), 4, pauses, dead],
    ['is dead long after the last pause', transient(), 40, pauses, dead],
    ['is dead at once without pauses', transient(), 1, [], dead],
    ['is dead at once after a permanent error', new PermanentError('a.b', ''), 1, pauses, dead],
    ['is tried again after an unknown error', new Error('What?'), 1, pauses, retry(10)],
    ['is tried again after something that is no error', 'oops', 1, pauses, retry(10)],
    [
      'waits as long as the error asks, when a pause is just that',
      transient(50),
      1,
      pauses,
      retry(50),
    ],
    ['waits the first pause that is long enough', transient(51), 1, pauses, retry(300)],
    ['waits the longest when none is long enough', transient(9_999), 1, pauses, retry(300)],
    ['waits no shorter than its turn', transient(1), 2, pauses, retry(50)],
    ['is dead after the last pause whatever the error asks', transient(20), 4, pauses, dead],
  ])('%s', (_name, error, attempt, pausesMs, fate) => {
    expect(fateAfterFailure(error, attempt, pausesMs)).toEqual(fate);
  });

  it.each([
    ['waits its pause when the hook fails', 1, pauses, 10],
    ['waits the longest when the hook fails after the last pause', 4, pauses, 300],
    ['waits the longest without end', 4_000, pauses, 300],
    ['does not wait where there are no pauses', 1, [], 0],
  ])('%s', (_name, attempt, pausesMs, pauseMs) => {
    expect(pauseAfterHookFailure(attempt, pausesMs)).toBe(pauseMs);
  });

  it('is always one of the pauses or death, and death comes after as many failures as pauses', () => {
    const sorted = fc
      .array(fc.nat(100_000), { maxLength: 6 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        sorted,
        fc.integer({ min: 1, max: 10 }),
        fc.nat(200_000),
        (all, attempt, after) => {
          const fate = fateAfterFailure(transient(after), attempt, all);
          if (attempt > all.length) expect(fate).toEqual(dead);
          else
            expect(fate.kind === 'retry' && all.slice(attempt - 1).includes(fate.pauseMs)).toBe(
              true,
            );
        },
      ),
    );
  });
});
