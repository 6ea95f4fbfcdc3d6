import { seededRandom } from '@mosaicme/random';
import { createCrasher, stepsOf } from './crasher';

const engineSteps = stepsOf.engine;

function killsOf(seed: number, rounds: number): string[] {
  const crasher = createCrasher({
    random: seededRandom(seed),
    workers: ['engine'],
    maxKills: 10,
    mostPassages: 3,
  });
  crasher.start();
  const kills: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const step of engineSteps) {
      if (crasher.onStep('engine', step)) kills.push(`${round} ${step}`);
    }
  }
  return kills;
}

it('kills at every boundary before it kills twice at one', () => {
  const steps = killsOf(1, 100).map((kill) => kill.replace(/^\d+ /, ''));
  expect(steps).toHaveLength(10);
  expect(new Set(steps.slice(0, engineSteps.length))).toEqual(new Set(engineSteps));
});

it('decides the same for the same seed, and something else for another', () => {
  expect(killsOf(5, 100)).toEqual(killsOf(5, 100));
  expect(killsOf(5, 100)).not.toEqual(killsOf(6, 100));
});

it('spares everybody before it is started and all but its victims', () => {
  const crasher = createCrasher({
    random: seededRandom(1),
    workers: ['cacher'],
    maxKills: 10,
    mostPassages: 1,
  });
  expect(crasher.onStep('cacher', 'before ack')).toBe(false);
  crasher.start();
  expect(crasher.onStep('engine', 'before ack')).toBe(false);
  expect(crasher.count).toBe(0);
});
