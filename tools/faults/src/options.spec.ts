import { readOptions } from './options';

const known = ['kill-engine', 'disk-full'];

it('runs everything with 200 requests and a seed of its own unless told otherwise', () => {
  expect(readOptions([], known, () => 42)).toEqual({
    requests: 200,
    seed: 42,
    scenarios: [],
    jsonFile: undefined,
    verbose: false,
  });
});

it('reads what was chosen', () => {
  const parameters = [
    '--requests',
    '5',
    '--seed',
    '0',
    '--scenario',
    'disk-full',
    '--json',
    'a.json',
  ];
  expect(readOptions(parameters, known)).toMatchObject({
    requests: 5,
    seed: 0,
    scenarios: ['disk-full'],
    jsonFile: 'a.json',
  });
});

it.each([
  [['--requests', '0'], /--requests is '0'/],
  [['--seed', 'x'], /--seed is 'x'/],
  [['--scenario', 'earthquake'], /no scenario 'earthquake'; there are kill-engine, disk-full/],
])('refuses %j', (parameters, message) => {
  expect(() => readOptions(parameters, known)).toThrow(message);
});
