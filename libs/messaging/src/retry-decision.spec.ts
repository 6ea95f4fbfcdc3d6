import { PermanentError, TransientError } from '@mosaicme/errors';
import fc from 'fast-check';
import { decideRetry, pauseAfterHookFailure } from './retry-decision';

const pauses = [10, 50, 300];
const deadLetter = { kind: 'dead-letter' };
const retry = (pauseMs: number) => ({ kind: 'retry', pauseMs });
const transient = (retryAfterMs?: number) =>
  new TransientError('test.away', 'Away.', retryAfterMs === undefined ? {} : { retryAfterMs });

describe('a failed message', () => {
  it.each([
    ['waits the first pause after the first failure', transient(), 1, pauses, retry(10)],
    ['waits the second pause after the second failure', transient(), 2, pauses, retry(50)],
    ['waits the last pause after the last but one', transient(), 3, pauses, retry(300)],
    ['is dead-lettered after the last pause', transient(), 4, pauses, deadLetter],
    ['is dead-lettered long after the last pause', transient(), 40, pauses, deadLetter],
    ['is dead-lettered at once without pauses', transient(), 1, [], deadLetter],
    [
      'is dead-lettered at once after a permanent error',
      new PermanentError('a.b', ''),
      1,
      pauses,
      deadLetter,
    ],
    ['is retried after an unknown error', new Error('What?'), 1, pauses, retry(10)],
    ['is retried after something that is no error', 'oops', 1, pauses, retry(10)],
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
    [
      'is dead-lettered after the last pause whatever the error asks',
      transient(20),
      4,
      pauses,
      deadLetter,
    ],
  ])('%s', (_name, error, attempt, pausesMs, decision) => {
    expect(decideRetry(error, attempt, pausesMs)).toEqual(decision);
  });

  it.each([
    ['waits its pause when the hook fails', 1, pauses, 10],
    ['waits the longest when the hook fails after the last pause', 4, pauses, 300],
    ['waits the longest without end', 4_000, pauses, 300],
    ['does not wait where there are no pauses', 1, [], 0],
  ])('%s', (_name, attempt, pausesMs, pauseMs) => {
    expect(pauseAfterHookFailure(attempt, pausesMs)).toBe(pauseMs);
  });

  it('waits one of the pauses, and is dead-lettered after as many failures as pauses', () => {
    const sorted = fc
      .array(fc.nat(100_000), { maxLength: 6 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        sorted,
        fc.integer({ min: 1, max: 10 }),
        fc.nat(200_000),
        (all, attempt, after) => {
          const decision = decideRetry(transient(after), attempt, all);
          if (attempt > all.length) expect(decision).toEqual(deadLetter);
          else
            expect(
              decision.kind === 'retry' && all.slice(attempt - 1).includes(decision.pauseMs),
            ).toBe(true);
        },
      ),
    );
  });
});
