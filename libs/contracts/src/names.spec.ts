import fc from 'fast-check';
import { photoId } from './ids';
import { defaultBucketNames, idInKey, objectKeys, prefixes } from './keys';
import { networkSchema } from './photo';
import { eventTypes } from './events';
import { queueRoles } from './stages';
import { mustBeRouted, topology, workQueue } from './topology';

const source = fc.record({
  network: fc.constantFrom(...networkSchema.options),
  instance: fc.constantFrom('one.example', 'two.example'),
  postId: fc.string({ minLength: 1 }),
  mediaIndex: fc.nat(63),
});

describe('photoId', () => {
  it('is the same for the same source and another for every other source', () => {
    fc.assert(
      fc.property(source, source, (first, second) => {
        const same = JSON.stringify(first) === JSON.stringify(second);
        expect(photoId(first) === photoId({ ...second })).toBe(same);
      }),
    );
  });
});

describe('objectKeys', () => {
  it('gives every object of one id a place of its own', () => {
    const keys = objectKeys(defaultBucketNames);
    const id = photoId({ network: 'x', instance: 'x.com', postId: '1', mediaIndex: 0 });
    const places = Object.values(keys).map((at) => `${at(id).bucket}/${at(id).key}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it.each([
    [prefixes.requests, 'requestRecord'],
    [prefixes.mosaics, 'mosaicRecord'],
    [prefixes.answers, 'answerRecord'],
    [prefixes.failures, 'failureRecord'],
    [prefixes.photos, 'rawRecord'],
    [prefixes.decisions, 'decisions'],
    [prefixes.held, 'heldRecord'],
  ] as const)('lets the id be read back from keys under %s', (prefix, name) => {
    const id = photoId({ network: 'web', instance: 'web', postId: 'a', mediaIndex: 0 });
    expect(idInKey(prefix, objectKeys(defaultBucketNames)[name](id).key)).toBe(id);
  });

  it.each(['requests/', 'requests/../x', 'other/3f1c0a5be7d94f0f8f2b6f3a9c1d2e4f.json'])(
    'finds no id in %s',
    (key) => {
      expect(idInKey(prefixes.requests, key)).toBeUndefined();
    },
  );
});

describe('topology', () => {
  it('takes every work event to a queue, and nothing else', () => {
    const bound = new Set(topology().queues.flatMap(({ bindings }) => bindings));
    expect([...bound].sort()).toEqual(eventTypes.filter(mustBeRouted).sort());
  });

  it('gives no two queues one name', () => {
    const names = topology().queues.flatMap((queue) => [
      queue.name,
      queue.deadLetterQueue,
      ...queue.retryQueues.map(({ name }) => name),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('takes names and pauses from its options', () => {
    const queue = workQueue(
      topology({ queues: { prepare: 'wall' }, retryPausesMs: [7] }),
      'prepare',
    );
    expect(queue).toMatchObject({
      name: 'wall',
      deadLetterQueue: 'wall.dead',
      retryQueues: [{ name: 'wall.retry.7', pauseMs: 7 }],
    });
  });

  it('has the queues of the guide', () => {
    expect(queueRoles.map((role) => workQueue(topology(), role).name)).toEqual([
      'mosaic-raw',
      'mosaic-in',
      'mosaic-eng',
      'mosaic-finish',
      'mosaic-answer',
      'mosaic-done',
      'mosaic-janitor',
    ]);
  });
});
