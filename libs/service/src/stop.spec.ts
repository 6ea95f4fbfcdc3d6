import { silentLogger } from './logger';
import { createStopList } from './stop';

it('closes what was opened last first', async () => {
  const closed: string[] = [];
  const stops = createStopList(silentLogger);
  for (const name of ['store', 'broker', 'consumer']) stops.add(name, () => void closed.push(name));
  await stops.close();
  expect(closed).toEqual(['consumer', 'broker', 'store']);
});

it('waits for one before it closes the next', async () => {
  const steps: string[] = [];
  const stops = createStopList(silentLogger);
  stops.add('connection', () => void steps.push('connection'));
  stops.add('work in progress', async () => {
    await Promise.resolve();
    steps.push('work in progress');
  });
  await stops.close();
  expect(steps).toEqual(['work in progress', 'connection']);
});

it('closes the others when one fails, and says which failed', async () => {
  const failures: unknown[] = [];
  const closed: string[] = [];
  const stops = createStopList({
    ...silentLogger,
    error: (fields) => void failures.push(fields),
  });
  stops.add('first', () => void closed.push('first'));
  stops.add('second', () => {
    throw new Error('stuck');
  });
  await stops.close();
  expect(closed).toEqual(['first']);
  expect(failures).toEqual([expect.objectContaining({ part: 'second' })]);
});

it('closes everything once, however often it is asked', async () => {
  let count = 0;
  const stops = createStopList(silentLogger);
  stops.add('part', () => void count++);
  await Promise.all([stops.close(), stops.close()]);
  expect(count).toBe(1);
});

it('closes at once what is added after the end', async () => {
  const stops = createStopList(silentLogger);
  await stops.close();
  let closed = false;
  stops.add('late', () => void (closed = true));
  await stops.close();
  expect(closed).toBe(true);
});
