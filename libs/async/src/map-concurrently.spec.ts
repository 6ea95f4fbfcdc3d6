import { deferred, type Deferred } from './deferred';
import { mapConcurrently } from './map-concurrently';

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it.each([1, 2, 3, 100])('keeps the order with %d at once', async (atOnce) => {
  const source = [5, 1, 4, 2, 3];
  const slowFirst = async (item: number) => {
    for (let turns = item; turns > 0; turns--) await turn();
    return item * 10;
  };
  expect(await collect(mapConcurrently(source, atOnce, slowFirst))).toEqual([50, 10, 40, 20, 30]);
});

it('maps no more than so many at a time', async () => {
  const pending: Deferred<number>[] = [];
  const results = collect(
    mapConcurrently([0, 1, 2, 3, 4], 2, () => {
      const one = deferred<number>();
      pending.push(one);
      return one.promise;
    }),
  );
  for (let at = 0; at < 5; at++) {
    await turn();
    expect(pending.length).toBe(Math.min(5, at + 2));
    pending[at]?.resolve(at);
  }
  expect(await results).toEqual([0, 1, 2, 3, 4]);
});

it('fails when it is the turn of what failed, and ends the source', async () => {
  let isEnded = false;
  async function* source() {
    try {
      for (let item = 0; ; item++) yield item;
    } finally {
      isEnded = true;
    }
  }
  const results = mapConcurrently(source(), 3, async (item) => {
    if (item >= 1) throw new Error(`no ${item}`);
    return item;
  });
  expect(await results.next()).toEqual({ done: false, value: 0 });
  await expect(results.next()).rejects.toThrow('no 1');
  expect(isEnded).toBe(true);
});

it('fails as its source does', async () => {
  async function* source() {
    yield 1;
    throw new Error('source gone');
  }
  await expect(collect(mapConcurrently(source(), 2, async (item) => item))).rejects.toThrow(
    'source gone',
  );
});
