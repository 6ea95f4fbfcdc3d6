import { appSchemas, readConfig } from '@mosaicme/config';
import { defaultBucketNames, objectKeys, topology, type EventType } from '@mosaicme/contracts';
import { createMemoryBroker, type Messaging } from '@mosaicme/messaging';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { submitRequest } from '@mosaicme/pipeline';
import { silentLogger, type RunningService } from '@mosaicme/service';
import { createRequest, defaultCampaign, photoId } from '@mosaicme/contracts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startJanitor } from './service';

const embedded = { S3_ACCESS_KEY: 'none', S3_SECRET_KEY: 'none', S3_HOST: 'none' };
const config = (more: Readonly<Record<string, string>> = {}) =>
  readConfig('janitor', appSchemas.janitor, { ...embedded, ...more });
let folder: string;
let store: ObjectStore;
let broker: ReturnType<typeof createMemoryBroker>;
let messaging: Messaging;
const running: RunningService[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janitor-'));
  store = createFolderStore({ root: folder });
  for (const bucket of Object.values(defaultBucketNames)) await store.ensureBucket(bucket);
  broker = createMemoryBroker({ logger: silentLogger, topology: topology() });
  messaging = broker.connect();
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
  await messaging.close();
  broker.close();
  await store.close();
  await rm(folder, { recursive: true });
});

async function start(
  more: Readonly<Record<string, string>> = {},
  overrides: { readonly brokerStartsEmpty?: boolean } = {},
): Promise<RunningService> {
  const service = await startJanitor(config(more), {
    store,
    messaging: () => broker.connect(),
    logger: silentLogger,
    healthPage: false,
    ...overrides,
  });
  running.push(service);
  await service.ready;
  return service;
}

/** A request whose message was lost. */
async function lostRequest(): Promise<string> {
  const item = { network: 'x', instance: 'x.com', postId: '1', mediaIndex: 0 } as const;
  const postedAt = '2026-01-01T00:00:00.000Z';
  const photo = { id: photoId(item), ...item, author: { handle: 'ada' }, postedAt };
  const request = createRequest(defaultCampaign, photo, { answerable: true });
  const nowhere = { publish: async () => undefined };
  const ports = { app: 'test', store, messaging: nowhere, keys: objectKeys(defaultBucketNames) };
  const bytes = new Uint8Array([1]);
  await submitRequest(ports, request, { bytes, contentType: 'image/jpeg' });
  return request.id;
}

/** The next event of a type. */
const next = (type: EventType): Promise<string> =>
  new Promise((resolve) => {
    void messaging.listen([type], (event) => resolve(event.subject));
  });

it('republishes at start-up what the broker does not know, before it is ready', async () => {
  const id = await lostRequest();
  const heard = next('mosaic.requested.v1');
  await start({ RECONCILE_SECONDS: '0' }, { brokerStartsEmpty: true });
  expect(await heard).toBe(id);
});

it('republishes and sweeps again and again', async () => {
  const quick = { RECONCILE_SECONDS: '0.1', RECONCILE_AGE_SECONDS: '0', SWEEP_AGE_SECONDS: '0' };
  await start(quick);
  const heard = next('mosaic.requested.v1');
  const id = await lostRequest();
  expect(await heard).toBe(id);
  const stray = { bucket: defaultBucketNames.work, key: `${'f'.repeat(32)}/target.jpg` };
  await store.put(stray, new Uint8Array([1]));
  while (await store.head(stray)) await new Promise((resolve) => setTimeout(resolve, 10));
});

it('stands by while another janitor works', async () => {
  const lease = objectKeys(defaultBucketNames).lease('janitor');
  const holder = async () =>
    (JSON.parse(new TextDecoder().decode((await store.get(lease)).bytes)) as { holder: string })
      .holder;
  await start({ INSTANCE: 'first' });
  while (!(await store.head(lease))) await new Promise((resolve) => setTimeout(resolve, 10));
  await start({ INSTANCE: 'second' });
  expect(await holder()).toContain('first');
});
