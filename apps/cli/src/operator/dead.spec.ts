import {
  createEvent,
  defaultBucketNames,
  defaultQueueNames,
  objectKeys,
  photoId,
  topology,
  type MosaicmeEvent,
  type QueueRole,
  createRequest,
  defaultCampaign,
  requestId,
} from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';
import { createMemoryBroker, type Messaging, type MessagingAdmin } from '@mosaicme/messaging';
import { createFolderStore, type ObjectStore, writeRecord } from '@mosaicme/object-store';
import { reportDeadLetters } from '@mosaicme/pipeline';
import { failureRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueRole } from './config';
import { dropLetters, listLetters, replayLetters, selectBy, showLetter } from './dead';
import { formatQueues, showQueues } from './queues';

const names = defaultQueueNames;
const keys = objectKeys(defaultBucketNames);
const photoIdOf = (n: number) =>
  photoId({ network: 'web', instance: 'web', postId: `post-${n}`, mediaIndex: 0 });
const idOf = (n: number) => requestId(defaultCampaign, photoIdOf(n));

function requested(n: number): MosaicmeEvent {
  const photo = {
    id: photoIdOf(n),
    network: 'web',
    instance: 'web',
    postId: `post-${n}`,
    mediaIndex: 0,
    author: { handle: 'ada' },
    postedAt: '2026-01-01T00:00:00Z',
  } as const;
  const request = createRequest(defaultCampaign, photo, { answerable: false });
  const object = keys.requestPhoto(idOf(n));
  return createEvent('mosaic.requested.v1', { request, object }, { app: 'test', subject: idOf(n) });
}

let folder: string;
let store: ObjectStore;
let broker: ReturnType<typeof createMemoryBroker>;
let messaging: Messaging;
let admin: MessagingAdmin;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  store = createFolderStore({ root: folder });
  for (const bucket of Object.values(defaultBucketNames)) await store.ensureBucket(bucket);
  broker = createMemoryBroker({ logger: silentLogger, topology: topology({ retryPausesMs: [] }) });
  messaging = broker.connect();
  admin = broker.admin();
});
afterEach(async () => {
  await messaging.close();
  broker.close();
  await store.close();
  await rm(folder, { recursive: true });
});

/** Dead-letters everything that is in a queue, as an app does. */
async function giveUp(role: QueueRole, count: number): Promise<void> {
  const reportLetter = reportDeadLetters({ app: 'test', store, messaging, keys }, role);
  let dead = 0;
  const all = new Promise<void>((resolve) => {
    void messaging
      .consume(
        role,
        {
          prefetch: 1,
          onDeadLetter: async (letter) => {
            await reportLetter(letter);
            if (++dead === count) resolve();
          },
        },
        async () => {
          throw new PermanentError('image.unreadable', 'This is no picture.');
        },
      )
      .then(async (consumer) => {
        await all;
        await consumer.close();
      });
  });
  await all;
  while (broker.deadLetters(role).length < count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function bury(...numbers: number[]): Promise<void> {
  for (const n of numbers) await messaging.publish(requested(n));
  await giveUp('prepare', numbers.length);
}

it('lists letters with what they are about', async () => {
  await bury(1, 2);
  const table = await listLetters(admin, ['prepare'], names, { limit: 10, json: false });
  const [headings, first, second] = table.split('\n');
  expect(headings).toMatch(/^QUEUE +ID +ABOUT +CODE +ATTEMPTS +FAILED AT +REASON$/);
  expect(first).toMatch(
    new RegExp(
      `^mosaic-in  [0-9a-f]{12}  ${idOf(1)}  image.unreadable +1  2.*Z  This is no picture.$`,
    ),
  );
  expect(second).toContain(idOf(2));
});

it('lists a message that nobody can read', async () => {
  broker.inject('tiles', Uint8Array.of(0xff, 0xfe));
  broker.inject('tiles', new TextEncoder().encode('\u001b[2J'));
  await giveUp('tiles', 2);
  const json = JSON.parse(
    await listLetters(admin, ['tiles'], names, { limit: 10, json: true }),
  ) as {
    message: unknown;
  }[];
  expect(json.map(({ message }) => message)).toEqual([{ base64: '//4=' }, ' [2J']);
  const table = await listLetters(admin, ['tiles'], names, { limit: 10, json: false });
  expect(table.split('\n')[1]).toMatch(/^mosaic-raw  [0-9a-f]{12}  -      contract.violated/);
});

it('shows the whole message and its history', async () => {
  await bury(1);
  const [letter] = await admin.deadLetters('prepare', { limit: 1 });
  const shown = await showLetter(admin, 'prepare', names, letter?.id ?? '', { json: false });
  expect(shown).toContain('image.unreadable');
  expect(shown).toContain('ATTEMPT');
  expect(shown).toContain('"type": "mosaic.requested.v1"');
  await expect(showLetter(admin, 'prepare', names, 'other', { json: false })).rejects.toMatchObject(
    {
      code: 'operator.no-such-letter',
    },
  );
});

it('lets the request of a replayed letter count as open again', async () => {
  await bury(1, 2);
  const [first] = await admin.deadLetters('prepare', { limit: 1 });
  expect(await store.head(keys.failureRecord(idOf(1)))).toBeDefined();

  const choice = { ids: [first?.id ?? ''], all: false };
  expect(await replayLetters(admin, { store, keys }, 'prepare', names, choice)).toBe(1);
  expect(await store.head(keys.failureRecord(idOf(1)))).toBeUndefined();
  expect(await store.head(keys.failureRecord(idOf(2)))).toBeDefined();
  expect(await messaging.depth('prepare')).toEqual({ ready: 1, dead: 1 });
});

it('leaves the failure of another queue on record', async () => {
  await bury(1);
  const other = {
    id: idOf(1),
    step: 'publish' as const,
    code: 'x.refused',
    reason: 'No.',
    attempts: 1,
  };
  await writeRecord(store, keys.failureRecord(idOf(1)), failureRecordSchema, {
    ...other,
    failedAt: '2026-01-01T00:00:00Z',
  });
  await replayLetters(admin, { store, keys }, 'prepare', names, { ids: [], all: true });
  expect(await store.head(keys.failureRecord(idOf(1)))).toBeDefined();
});

it('keeps a letter that it cannot open again', async () => {
  await bury(1);
  const broken = { ...store, delete: () => Promise.reject(new Error('The store is away.')) };
  await expect(
    replayLetters(admin, { store: broken, keys }, 'prepare', names, { ids: [], all: true }),
  ).rejects.toThrow('The store is away.');
  expect(await messaging.depth('prepare')).toEqual({ ready: 0, dead: 1 });
});

it('deletes chosen letters and keeps their requests failed', async () => {
  await bury(1, 2);
  expect(
    await dropLetters(admin, 'prepare', names, { ids: [], code: 'image.unreadable', all: false }),
  ).toBe(2);
  expect(await messaging.depth('prepare')).toEqual({ ready: 0, dead: 0 });
  expect(await store.head(keys.failureRecord(idOf(1)))).toBeDefined();
});

it('says how to find letters when none is meant', async () => {
  await bury(1);
  const choice = { ids: [], code: 'no.such', all: false };
  const refusal = {
    code: 'operator.no-such-letter',
    message: expect.stringContaining('dead list'),
  };
  await expect(dropLetters(admin, 'prepare', names, choice)).rejects.toMatchObject(refusal);
  await expect(
    replayLetters(admin, { store, keys }, 'prepare', names, choice),
  ).rejects.toMatchObject(refusal);
});

it('takes no choice at all for a slip', () => {
  expect(() => selectBy({ ids: [], all: false })).toThrow('--all');
});

it.each([
  ['prepare', 'prepare'],
  ['mosaic-eng', 'render'],
])('knows the queue %s', (named, role) => {
  expect(queueRole(named, names)).toBe(role);
});

it('names the queues that there are', () => {
  expect(() => queueRole('out', names)).toThrow('mosaic-raw, mosaic-in, mosaic-eng');
});

it('shows all queues', async () => {
  await bury(1);
  await messaging.publish(requested(2));
  const lines = (await showQueues(admin, { json: false, oldest: true })).split('\n');
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'QUEUE READY UNACKED CONSUMERS RETRYING DEAD OLDEST OLDEST DEAD',
    'mosaic-raw 0 0 0 0 0 - -',
    expect.stringMatching(/^mosaic-in 1 0 0 0 1 \d s \d s$/),
    'mosaic-eng 0 0 0 0 0 - -',
    'mosaic-finish 0 0 0 0 0 - -',
    'mosaic-answer 0 0 0 0 0 - -',
    'mosaic-done 0 0 0 0 0 - -',
    'mosaic-janitor 0 0 0 0 0 - -',
  ]);
  const json = JSON.parse(await showQueues(admin, { json: true, oldest: false })) as object[];
  expect(json[1]).toMatchObject({ role: 'prepare', name: 'mosaic-in', ready: 1, dead: 1 });
});

it('says how to learn the age of what waits, which it does not look at unless asked', async () => {
  await messaging.publish(requested(1));
  const lines = (await showQueues(admin, { json: false, oldest: false })).split('\n');
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toContain(
    'mosaic-in 1 0 0 0 0 --oldest -',
  );
});

it('says of a queue that nobody has declared what to do', () => {
  const state = {
    role: 'prepare',
    name: 'mosaic-in',
    exists: false,
    ready: 0,
    unacked: undefined,
    consumers: 0,
    retrying: [],
    dead: 0,
    oldest: undefined,
    oldestDead: undefined,
  } as const;
  expect(formatQueues([state], new Date())).toContain('start an app');
});

it('says how many messages wait for how long', () => {
  const state = {
    role: 'prepare',
    name: 'mosaic-in',
    exists: true,
    ready: 0,
    unacked: undefined,
    consumers: 1,
    retrying: [
      { pauseMs: 1_000, count: 2 },
      { pauseMs: 5_000, count: 0 },
      { pauseMs: 30_000, count: 1 },
    ],
    dead: 0,
    oldest: undefined,
    oldestDead: undefined,
  } as const;
  expect(formatQueues([state], new Date())).toContain('2 for 1 s, 1 for 30 s');
});
