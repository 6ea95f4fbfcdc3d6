import { toMegabytes } from './docker';
import { postsIn } from './network';
import { addMemory, emptyResults, formatTable, isComplete } from './report';

const scenario = { name: 'demo', requests: 8, published: 8, answered: 8, seconds: 1 };

it.each([
  [[scenario], true],
  [[scenario, { ...scenario, published: 7 }], false],
  [[scenario, { ...scenario, answered: 7 }], false],
  [[], false],
])('knows whether a request was lost: %j', (scenarios, complete) => {
  expect(isComplete({ ...emptyResults(), scenarios })).toBe(complete);
});

it('keeps the most memory that was seen', () => {
  const results = emptyResults();
  addMemory(results, 'compose', 'load', { engine: 120, web: 90 });
  addMemory(results, 'compose', 'load', { engine: 100, web: 95 });
  expect(results.memory['compose']?.load).toEqual({ engine: 120, web: 95 });
});

it('aligns the columns of a table', () => {
  expect(
    formatTable(
      ['image', 'MB'],
      [
        ['a', 5],
        ['engine', 478],
      ],
    ),
  ).toBe(['image    MB', 'a         5', 'engine  478'].join('\n'));
});

it.each([
  [81.8, 'MiB', 85.8],
  [1, 'GiB', 1073.7],
  [512, 'kB', 0.5],
])('reads %d %s as %d MB', (amount, unit, megabytes) => {
  expect(toMegabytes(amount, unit)).toBe(megabytes);
});

it('refuses a unit that it does not know', () => {
  expect(() => toMegabytes(1, 'stone')).toThrow(/stone/);
});

it.each([
  ['event: start\ndata: [{"id":"1"},{"id":"2"}]', ['1', '2']],
  ['event: post\ndata: {"id":"3"}', ['3']],
  ['event: removed\ndata: {"id":"3"}', []],
  [': keep-alive', []],
])('reads the posts of %j', (event, ids) => {
  expect(postsIn(event).map(({ id }) => id)).toEqual(ids);
});
