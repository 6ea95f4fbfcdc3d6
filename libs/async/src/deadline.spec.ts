import { TransientError } from '@mosaicme/errors';
import { getEventListeners } from 'node:events';
import { deadline } from './deadline';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const never = () => new Promise<never>(() => {});

it('gives the outcome of work that is in time, and clears its timer', async () => {
  const { signal } = new AbortController();
  await expect(deadline(async () => 1, { ms: 10, signal })).resolves.toBe(1);
  await expect(deadline(() => Promise.reject(new Error('no')), { ms: 10 })).rejects.toThrow('no');
  expect(jest.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('throws a transient error at the limit', async () => {
  const outcome = deadline(never, { ms: 1_500 }).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(1_500);
  const error = await outcome;
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: 'deadline', message: expect.stringContaining('1500 ms') });
});

it('throws the error of the caller at the limit', async () => {
  const tooLate = (ms: number) => new Error(`not in ${ms}`);
  const outcome = expect(deadline(never, { ms: 5, tooLate })).rejects.toThrow('not in 5');
  await jest.advanceTimersByTimeAsync(5);
  await outcome;
});

it('tells the work by its signal that the time is up', async () => {
  let heard: unknown;
  const work = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => (heard = signal.reason));
    return never();
  };
  const outcome = deadline(work, { ms: 5 }).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(5);
  expect(heard).toBe(await outcome);
});

it('ends early with the reason of the signal', async () => {
  const stopping = new AbortController();
  const outcome = expect(deadline(never, { ms: 5, signal: stopping.signal })).rejects.toThrow(
    'stopped',
  );
  stopping.abort(new Error('stopped'));
  await outcome;
  expect(jest.getTimerCount()).toBe(0);
});

it('does not begin when the signal has aborted', async () => {
  const work = jest.fn(never);
  const signal = AbortSignal.abort(new Error('stopped'));
  await expect(deadline(work, { ms: 5, signal })).rejects.toThrow('stopped');
  expect(work).not.toHaveBeenCalled();
});
