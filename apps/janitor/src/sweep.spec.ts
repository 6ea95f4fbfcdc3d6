import {
  createRequest,
  defaultBucketNames,
  defaultCampaign,
  drawingRefs,
  objectKeys,
  photoId,
  prefixes,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import { createFolderStore, writeRecord, type ObjectStore } from '@mosaicme/object-store';
import {
  answerRecordSchema,
  failureRecordSchema,
  heldRecordSchema,
  listRequests,
  mosaicRecordSchema,
  recordDecision,
  requestRecordSchema,
} from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweep } from './sweep';

const buckets = defaultBucketNames;
const keys = objectKeys(buckets);
const at = '2026-01-01T00:00:00.000Z';
const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(16)) as [
  string,
  string,
  string,
];
let folder: string;
let store: ObjectStore;
let tilesFail: boolean;
beforeEach(async () => {
  tilesFail = false;
  folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  store = createFolderStore({ root: folder });
  for (const bucket of Object.values(buckets)) await store.ensureBucket(bucket);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const ports = () => ({
  store,
  keys,
  buckets,
  logger: silentLogger,
  tiles: {
    sweep: async () => {
      if (tilesFail) throw new TransientError('test.away', 'The tiles are away.');
      return 2;
    },
  },
});
const later = () => new Date(Date.now() + 60_000);
const pass = async (before = later(), now = new Date()) =>
  sweep(ports(), await listRequests(ports()), before, now);

function requestOf(postId: string) {
  const item = { network: 'x', instance: 'x.com', postId, mediaIndex: 0 } as const;
  const author = { handle: 'ada' };
  const photo: Photo = { id: photoId(item), ...item, author, postedAt: at };
  return createRequest(defaultCampaign, photo, { answerable: false, requestedAt: new Date(at) });
}

/** A request, with what every request leaves while it is made. */
async function submitted(postId: string) {
  const request = requestOf(postId);
  const object = keys.requestPhoto(request.id);
  await store.put(object, new Uint8Array([1]));
  await writeRecord(store, keys.requestRecord(request.id), requestRecordSchema, {
    request,
    object,
  });
  await store.put(keys.target(request.id), new Uint8Array([1]));
  return request;
}
type Request = Awaited<ReturnType<typeof submitted>>;

async function draw({ id, campaign }: Request, revision: string): Promise<ObjectRef[]> {
  const refs = Object.values(drawingRefs(buckets, { campaign, id, revision }));
  for (const ref of refs) await store.put(ref, new Uint8Array([1]));
  return refs;
}

const drawingOf = ({ id, campaign }: Request, revision: string) => ({
  revision,
  ...drawingRefs(buckets, { campaign, id, revision }),
  library: defaultCampaign,
  size: { width: 32, height: 32 },
  grid: { columns: 2, rows: 2, tileSize: 16 },
  distinctTiles: 4,
});
const publish = (request: Request, revision: string) =>
  writeRecord(store, keys.mosaicRecord(request.id), mosaicRecordSchema, {
    ...request,
    ...drawingOf(request, revision),
    publishedAt: at,
  });
const putAside = (request: Request, revision: string) =>
  writeRecord(store, keys.heldRecord(request.id), heldRecordSchema, {
    id: request.id,
    rendered: { request, ...drawingOf(request, revision) },
    heldAt: at,
  });
const fail = ({ id }: Request) =>
  writeRecord(store, keys.failureRecord(id), failureRecordSchema, {
    id,
    step: 'publish',
    code: 'test.failed',
    reason: 'It failed.',
    attempts: 1,
    failedAt: at,
  });

async function left(refs: readonly ObjectRef[]): Promise<number> {
  const found = await Promise.all(refs.map((ref) => store.head(ref)));
  return found.filter(Boolean).length;
}

describe('normalised photos', () => {
  it.each([
    ['published', async (request: Request) => void (await publish(request, first)), 0],
    ['failed', async (request: Request) => void (await fail(request)), 1],
    ['waiting', async () => undefined, 1],
    [
      'rejected',
      async ({ id }: Request) =>
        void (await recordDecision(ports(), id, { verb: 'reject', by: 'ada', at })),
      0,
    ],
  ])('of a request that is %s', async (_, become, count) => {
    const request = await submitted('1');
    await become(request);
    await pass();
    expect(await left([keys.target(request.id)])).toBe(count);
  });

  it('go with their request', async () => {
    const request = await submitted('1');
    await store.delete(keys.requestRecord(request.id));
    expect(await pass()).toMatchObject({ workObjects: 1 });
  });

  it('stay while they are young', async () => {
    await publish(await submitted('1'), first);
    expect(await pass(new Date(Date.now() - 60_000))).toMatchObject({ workObjects: 0 });
  });
});

describe('drawings', () => {
  it('that the record does not name are removed, the named one stays', async () => {
    const request = await submitted('1');
    const [named, others] = [
      await draw(request, first),
      [...(await draw(request, second)), ...(await draw(request, third))],
    ];
    await publish(request, first);
    expect(await pass()).toMatchObject({ drawings: 6 });
    expect([await left(named), await left(others)]).toEqual([3, 0]);
  });

  it('that were put aside stay', async () => {
    const request = await submitted('1');
    const [held, other] = [await draw(request, first), await draw(request, second)];
    await putAside(request, first);
    await pass();
    expect([await left(held), await left(other)]).toEqual([3, 0]);
  });

  it('of a request that waits to be published stay', async () => {
    const request = await submitted('1');
    await draw(request, first);
    expect(await pass()).toMatchObject({ drawings: 0 });
  });

  it('of a redrawing that failed stay, because a replay publishes them', async () => {
    const request = await submitted('1');
    await draw(request, first);
    await draw(request, second);
    await publish(request, first);
    await fail(request);
    expect(await pass()).toMatchObject({ drawings: 0 });
  });

  it('of a request that is gone are removed', async () => {
    await draw(requestOf('1'), first);
    expect(await pass()).toMatchObject({ drawings: 3 });
  });

  it('stay while a part of them is young', async () => {
    await draw(requestOf('1'), first);
    expect(await pass(new Date(Date.now() - 60_000))).toMatchObject({ drawings: 0 });
  });

  it('stay where the record is damaged', async () => {
    const request = await submitted('1');
    await draw(request, first);
    await draw(request, second);
    await store.put(keys.mosaicRecord(request.id), new TextEncoder().encode('{'));
    expect(await pass()).toMatchObject({ drawings: 0 });
  });
});

it('removes what was put aside once it is published', async () => {
  const [waiting, done] = [await submitted('1'), await submitted('2')];
  for (const request of [waiting, done]) await putAside(request, first);
  await publish(done, first);
  expect(await pass()).toMatchObject({ heldRecords: 1 });
  expect(await left([keys.heldRecord(waiting.id)])).toBe(1);
});

it('forgets a failure whose replay went well', async () => {
  const [replayed, open] = [await submitted('1'), await submitted('2')];
  for (const request of [replayed, open]) await fail(request);
  await publish(replayed, first);
  await writeRecord(store, keys.answerRecord(replayed.id), answerRecordSchema, {
    id: replayed.id,
    answer: { status: 'not-answerable', reason: 'there is nobody' },
  });
  expect(await pass()).toMatchObject({ failures: 1 });
  expect(await left([keys.failureRecord(open.id)])).toBe(1);
});

it('removes leases that nobody renewed for a day', async () => {
  await store.put({ bucket: buckets.in, key: `${prefixes.leases}old.json` }, new Uint8Array([1]));
  expect(await pass()).toMatchObject({ leases: 0 });
  const tomorrow = new Date(Date.now() + 25 * 3_600_000);
  expect(await pass(later(), tomorrow)).toMatchObject({ leases: 1 });
});

it('sweeps the rest when one kind cannot be swept', async () => {
  await publish(await submitted('1'), first);
  expect(await pass()).toMatchObject({ workObjects: 1, packs: 2 });
  await store.put(keys.target(requestOf('1').id), new Uint8Array([1]));
  tilesFail = true;
  expect(await pass()).toMatchObject({ workObjects: 1, packs: 0 });
});
