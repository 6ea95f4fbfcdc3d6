import { silentLogger } from '@mosaicme/service';
import { keepDoing } from './keep-doing';

const settings = { everyMs: 1_000, logger: silentLogger };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('does the task again after each period, also after it failed', async () => {
  let count = 0;
  const stop = keepDoing(
    'count',
    async () => {
      if (++count === 1) throw new Error('The first one fails.');
    },
    settings,
  );
  await jest.advanceTimersByTimeAsync(3_000);
  expect(count).toBe(3);
  await stop();
});

it('never does it twice at once', async () => {
  let finish: () => void = () => undefined;
  let begun = 0;
  const stop = keepDoing(
    'wait',
    () => {
      begun++;
      return new Promise((resolve) => (finish = resolve));
    },
    settings,
  );
  await jest.advanceTimersByTimeAsync(5_000);
  expect(begun).toBe(1);
  finish();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(begun).toBe(2);
  finish();
  await stop();
});

it('ends once the task under way has ended', async () => {
  let finish: () => void = () => undefined;
  let ended = false;
  const task = () => new Promise<void>((resolve) => (finish = resolve));
  const stop = keepDoing('wait', task, settings);
  await jest.advanceTimersByTimeAsync(1_000);
  const stopped = stop().then(() => (ended = true));
  await jest.advanceTimersByTimeAsync(5_000);
  expect(ended).toBe(false);
  finish();
  await stopped;
  expect(ended).toBe(true);
});
