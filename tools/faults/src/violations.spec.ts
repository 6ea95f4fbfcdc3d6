import { violationsOf, type ScenarioResult } from './violations';

const well: ScenarioResult = {
  name: 'kill-engine',
  faults: 20,
  requests: 200,
  published: 200,
  answers: 200,
  duplicateAnswers: 0,
  stuck: 0,
  temporaryFiles: 0,
};

it('finds nothing wrong where everything happened once and nothing is left', () => {
  expect(violationsOf(well)).toEqual([]);
});

it.each<[Partial<ScenarioResult>, string]>([
  [{ published: 199 }, '199 of 200 requests are published'],
  [{ answers: 199 }, '199 of 200 posts are answered'],
  [{ duplicateAnswers: 1 }, '1 answers were posted twice'],
  [{ stuck: 2 }, '2 messages are stuck'],
  [{ temporaryFiles: 3 }, '3 temporary files are left'],
  [{ faults: 0 }, 'no fault was injected'],
])('names what is wrong with %j', (change, violation) => {
  expect(violationsOf({ ...well, ...change })).toEqual([violation]);
});
