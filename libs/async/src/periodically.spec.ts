import { deferred } from './deferred';
import { runPeriodically } from './periodically';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const ignore = () => {};

/** A task that notes the milliseconds at which it started. */
function noting(lastsMs = 0) {
  const begin = Date.now();
  const startedAt: number[] = [];
  const task = async () => {
    startedAt.push(Date.now() - begin);
    if (lastsMs > 0) await new Promise((resolve) => setTimeout(resolve, lastsMs));
  };
  return { task, startedAt };
}

it.each([
  ['first after the period', {}, [100, 200, 300]],
  ['at once where asked to', { immediately: true }, [0, 100, 200, 300]],
  ['with jitter', { jitter: 0.5, random: () => 0.5 }, [125, 225, 325]],
])('runs %s', async (_name, more, expected) => {
  const { task, startedAt } = noting();
  const stop = runPeriodically(task, { everyMs: 100, onError: ignore, ...more });
  await jest.advanceTimersByTimeAsync(325);
  await stop();
  expect(startedAt).toEqual(expected);
});

it('never runs twice at once and leaves out the starts that a long run covers', async () => {
  const { task, startedAt } = noting(150);
  const stop = runPeriodically(task, { everyMs: 100, onError: ignore });
  await jest.advanceTimersByTimeAsync(650);
  await stop();
  expect(startedAt).toEqual([100, 300, 500]);
});

it('tells of a failure and goes on', async () => {
  const errors: unknown[] = [];
  let runs = 0;
  const stop = runPeriodically(
    () => {
      throw new Error(`failure ${++runs}`);
    },
    { everyMs: 100, onError: (error) => errors.push(error) },
  );
  await jest.advanceTimersByTimeAsync(200);
  await stop();
  expect(errors).toEqual([new Error('failure 1'), new Error('failure 2')]);
});

it('waits for the running task when stopped, and tells it', async () => {
  const { promise, resolve } = deferred<void>();
  let heard: AbortSignal | undefined;
  const stop = runPeriodically(
    (signal) => {
      heard = signal;
      return promise;
    },
    { everyMs: 100, onError: ignore },
  );
  await jest.advanceTimersByTimeAsync(100);
  let stopped = false;
  const stopping = stop().then(() => (stopped = true));
  await jest.advanceTimersByTimeAsync(1_000);
  expect(heard?.aborted).toBe(true);
  expect(stopped).toBe(false);
  resolve();
  await stopping;
});

it('does not run again once stopped, and may be stopped twice', async () => {
  const { task, startedAt } = noting();
  const stop = runPeriodically(task, { everyMs: 100, onError: ignore });
  await stop();
  await stop();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(startedAt).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it('ends when the signal of the caller aborts', async () => {
  const { task, startedAt } = noting();
  const stopping = new AbortController();
  runPeriodically(task, { everyMs: 100, onError: ignore, signal: stopping.signal });
  await jest.advanceTimersByTimeAsync(100);
  stopping.abort();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(startedAt).toEqual([100]);
  expect(jest.getTimerCount()).toBe(0);
});
