import { PermanentError, TransientError } from '@mosaicme/errors';
import { retry, type FailedAttempt } from './retry';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const limits = { firstMs: 100, longestMs: 1_000 };
const random = () => 0.5;
const away = new TransientError('test.away', 'away');

/** Fails with these errors, then succeeds. */
function failing(...errors: readonly Error[]) {
  const remaining = [...errors];
  return jest.fn(async () => {
    const error = remaining.shift();
    if (error) throw error;
    return 'done';
  });
}

it('repeats until it succeeds, with growing pauses', async () => {
  const failures: FailedAttempt[] = [];
  const { signal } = new AbortController();
  const result = retry(failing(away, new Error('unknown'), away), {
    limits,
    signal,
    random,
    onFailure: (failed) => failures.push(failed),
  });
  await jest.runAllTimersAsync();
  await expect(result).resolves.toBe('done');
  expect(failures.map(({ attempt, pauseMs }) => [attempt, pauseMs])).toEqual([
    [0, 50],
    [1, 100],
    [2, 200],
  ]);
});

it('waits at least as long as the error asks', async () => {
  const asking = new TransientError('test.limit', 'slow down', { retryAfterMs: 5_000 });
  const work = failing(asking);
  const result = retry(work, { limits, signal: new AbortController().signal, random });
  await jest.advanceTimersByTimeAsync(4_999);
  expect(work).toHaveBeenCalledTimes(1);
  await jest.runAllTimersAsync();
  await expect(result).resolves.toBe('done');
});

it.each([
  ['a permanent error', [new PermanentError('test.bad', 'bad')], {}, 'bad', 1],
  ['an error that its caller calls final', [away], { isFinal: () => true }, 'away', 1],
  ['the last error when its attempts are used up', [away, away], { maxAttempts: 2 }, 'away', 2],
])('throws %s', async (_name, errors, more, message, calls) => {
  const work = failing(...errors);
  const result = retry(work, { limits, signal: new AbortController().signal, random, ...more });
  const outcome = expect(result).rejects.toThrow(message);
  await jest.runAllTimersAsync();
  await outcome;
  expect(work).toHaveBeenCalledTimes(calls);
});

it('ends a pause when the signal aborts', async () => {
  const stopping = new AbortController();
  const result = retry(failing(away), { limits, signal: stopping.signal });
  const outcome = expect(result).rejects.toThrow('stopped');
  await jest.advanceTimersByTimeAsync(0);
  stopping.abort(new Error('stopped'));
  await outcome;
  expect(jest.getTimerCount()).toBe(0);
});

it('does not begin when the signal has aborted', async () => {
  const work = failing();
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(retry(work, { limits, signal })).rejects.toThrow('stopped');
  expect(work).not.toHaveBeenCalled();
});
