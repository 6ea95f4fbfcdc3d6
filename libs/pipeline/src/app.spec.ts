import { defaultBucketNames } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import { createEmbedded, type Embedded } from './testing/embedded';

let embedded: Embedded;
beforeEach(async () => {
  embedded = await createEmbedded();
});
afterEach(() => embedded.close());

it('makes the buckets before it works', async () => {
  const { store } = await embedded.start('cacher', async (context) => {
    for (const bucket of Object.values(defaultBucketNames)) {
      for await (const _ of context.store.list(bucket)) throw new Error(`${bucket} is not empty.`);
    }
  });
  await expect(
    store.put({ bucket: defaultBucketNames.in, key: 'a' }, new Uint8Array()),
  ).resolves.toBeDefined();
});

it('waits for a store that is away', async () => {
  let attempts = 0;
  const store = {
    ...embedded.store,
    ensureBucket: async (bucket: string) => {
      if (++attempts === 1) throw new TransientError('object-store.unavailable', 'Away.');
      return embedded.store.ensureBucket(bucket);
    },
  };
  const service = await embedded.launch('cacher', async () => undefined, { store });
  await service.ready;
  expect(attempts).toBeGreaterThan(1);
});

it('waits for a broker that is away, and can be stopped meanwhile', async () => {
  const messaging = {
    ...embedded.broker.connect(),
    ready: () => new Promise<void>(() => undefined),
  };
  let hasWorked = false;
  const service = await embedded.launch('cacher', async () => void (hasWorked = true), {
    messaging: () => messaging,
  });
  await service.close();
  await expect(service.ready).rejects.toThrow('cacher stops');
  expect(hasWorked).toBe(false);
});

it('tells in its heartbeats how it is, the last time when it stops', async () => {
  const states: string[] = [];
  await embedded.broker
    .connect()
    .listen(['service.heartbeat.v1'], ({ data }) => void states.push(`${data.app} ${data.state}`));
  const service = await embedded.launch('cacher', async () => undefined);
  await service.ready;
  await service.close();
  // News arrive a moment after they were told.
  while (states.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(states).toEqual(['cacher waiting', 'cacher stopping']);
});

it('stops its work before it leaves broker and store', async () => {
  const order: string[] = [];
  const connected = embedded.broker.connect();
  const messaging = {
    ...connected,
    close: async () => {
      order.push('messaging');
      await connected.close();
    },
  };
  const service = await embedded.launch(
    'cacher',
    async ({ onStop }) => onStop('work', () => void order.push('work')),
    { messaging: () => messaging },
  );
  await service.ready;
  await service.close();
  expect(order).toEqual(['work', 'messaging']);
});
