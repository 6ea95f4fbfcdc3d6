import { gathered } from './gathered';

it('takes all that come while a run is in flight in the next one', async () => {
  const runs: (readonly number[])[] = [];
  const add = gathered(async (items: readonly number[]) => {
    runs.push(items);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return items.length;
  });
  const first = add(1);
  await Promise.resolve();
  await Promise.resolve();
  const others = [add(2), add(3), add(3)];
  expect(await first).toBe(1);
  expect(await Promise.all(others)).toEqual([2, 2, 2]);
  expect(runs).toEqual([[1], [2, 3]]);
});

it('goes on after a run that failed', async () => {
  let count = 0;
  const add = gathered(async () => {
    if (++count === 1) throw new Error('the store is away');
    return count;
  });
  await expect(add(1)).rejects.toThrow('the store is away');
  expect(await add(1)).toBe(2);
});
