import { getEventListeners } from 'node:events';
import { sleep } from './sleep';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const day = 24 * 3_600_000;

it.each([1, 1_000, 2 ** 31 - 1, 2 ** 31, 100 * day])('lasts %d ms', async (ms) => {
  let over = false;
  const sleeping = sleep(ms).then(() => (over = true));
  await jest.advanceTimersByTimeAsync(ms - 1);
  expect(over).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(over).toBe(true);
  await sleeping;
});

it('rejects with the reason of the signal and clears its timer', async () => {
  const stopping = new AbortController();
  const sleeping = sleep(1_000, stopping.signal);
  stopping.abort(new Error('stopped'));
  await expect(sleeping).rejects.toThrow('stopped');
  expect(jest.getTimerCount()).toBe(0);
});

it('does not begin when the signal has aborted', async () => {
  await expect(sleep(1_000, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  expect(jest.getTimerCount()).toBe(0);
});

it('leaves no listener behind', async () => {
  const { signal } = new AbortController();
  const sleeping = sleep(10, signal);
  await jest.advanceTimersByTimeAsync(10);
  await sleeping;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
