import { parseStat, processorTime, timeForEach } from './processor-time';

describe('parseStat', () => {
  const rest = 'S 7 1 1 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 4 0 100';

  it.each([
    ['node', 'node'],
    ['a (strange) name', 'a (strange) name'],
  ])('reads parent and processor time of %s', (name, expected) => {
    expect(parseStat(`12 (${name}) ${rest}`)).toEqual({
      name: expected,
      parent: 7,
      milliseconds: 2_000,
    });
  });

  it('refuses what is no such line', () => {
    expect(() => parseStat('something else')).toThrow(RangeError);
  });
});

it('counts what this process uses', async () => {
  const before = await processorTime();
  const until = Date.now() + 100;
  while (Date.now() < until);
  const after = await processorTime();
  expect(after.get('bench')).toBeGreaterThan(before.get('bench')!);
});

it('shares time out among what was done, the largest first', () => {
  const before = new Map([['engine', 100]]);
  const after = new Map([
    ['idle', 0],
    ['radosgw', 50],
    ['engine', 300],
  ]);
  const shares = timeForEach(before, after, 10);
  expect(Object.entries(shares)).toEqual([
    ['engine', 20],
    ['radosgw', 5],
  ]);
});
