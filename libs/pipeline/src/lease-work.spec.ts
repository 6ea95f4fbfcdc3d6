import { createEmbedded, type Embedded } from './testing/embedded';
import { workUnderLease } from './lease-work';
import type { PipelineContext } from './app';
import { TransientError } from '@mosaicme/errors';
import { objectKeys, defaultBucketNames } from '@mosaicme/contracts';

const name = 'test';
const ttlMs = 150;
let embedded: Embedded;
beforeEach(async () => {
  embedded = await createEmbedded();
});
afterEach(() => embedded.close());

/** An app that notes when its work begins and ends. */
async function launch(app: string, log: string[], work?: () => Promise<void>) {
  const service = await embedded.launch(app, async (context: PipelineContext) => {
    workUnderLease(context, { name, ttlMs }, async (held) => {
      await work?.();
      log.push(`${app} begins`);
      held.onStop('the work', () => void log.push(`${app} ends`));
    });
  });
  await service.ready;
  return service;
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

it('runs the work of one process while another one stands by, and hands it over', async () => {
  const log: string[] = [];
  const one = await launch('one', log);
  await until(() => log.length === 1);
  await launch('two', log);
  await one.close();
  await until(() => log.length === 3);
  expect(log).toEqual(['one begins', 'one ends', 'two begins']);
});

it('begins in another process when the lease of a dead one ran out', async () => {
  const ref = objectKeys(defaultBucketNames).lease(name);
  await embedded.store.ensureBucket(ref.bucket);
  await embedded.store.put(
    ref,
    Buffer.from('{"holder":"dead","renewal":1,"renewedAt":"2026-01-01T00:00:00.000Z"}'),
  );
  const log: string[] = [];
  await launch('one', log);
  await until(() => log.length === 1);
  expect(log).toEqual(['one begins']);
});

it('ends the work when another process has taken the lease', async () => {
  const log: string[] = [];
  await launch('one', log);
  await until(() => log.length === 1);
  await embedded.store.put(
    objectKeys(defaultBucketNames).lease(name),
    Buffer.from('{"holder":"other","renewal":7,"renewedAt":"2026-01-01T00:00:00.000Z"}'),
  );
  await until(() => log.length >= 2);
  expect(log.slice(0, 2)).toEqual(['one begins', 'one ends']);
});

it('tries again when the work could not begin', async () => {
  const log: string[] = [];
  let attempts = 0;
  await launch('one', log, async () => {
    if (++attempts === 1) throw new TransientError('test.away', 'The store is away.');
  });
  await until(() => log.length === 1);
  expect(attempts).toBe(2);
});
