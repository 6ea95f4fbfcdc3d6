import {
  defaultBucketNames as buckets,
  drawingRefs,
  objectKeys,
  photoId,
  type ObjectRef,
} from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { requestStates } from '@mosaicme/requests';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRequests, formatRequests } from './requests';

const keys = objectKeys(buckets);
const idOf = (n: number) =>
  photoId({ network: 'web', instance: 'web', postId: `post-${n}`, mediaIndex: 0 });

let folder: string;
let store: ObjectStore;
const writtenAt = new Map<string, Date>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  store = createFolderStore({ root: folder });
  for (const bucket of Object.values(buckets)) await store.ensureBucket(bucket);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const put = (ref: ObjectRef, text = '{}') => store.put(ref, new TextEncoder().encode(text));

/** A request of so many seconds ago, with what its steps have left. */
async function request(n: number, secondsAgo: number, ...left: ObjectRef[]): Promise<void> {
  const record = keys.requestRecord(idOf(n));
  await put(keys.requestPhoto(idOf(n)));
  await put(record);
  for (const ref of left) await put(ref);
  writtenAt.set(record.key, new Date(Date.now() - secondsAgo * 1_000));
}

const thumbnailOf = (n: number): ObjectRef =>
  drawingRefs(buckets, { campaign: 'default', id: idOf(n), revision: '5f0c9a17be34d268' })
    .thumbnail;

async function decide(n: number, secondsAgo: number, verb: string): Promise<void> {
  await request(n, secondsAgo);
  const decision = { verb, by: 'ada', at: '2026-01-01T00:00:00Z' };
  await put(keys.decisions(idOf(n)), JSON.stringify({ subject: idOf(n), decisions: [decision] }));
}

const find = (options: Partial<Parameters<typeof findRequests>[1]> = {}) =>
  findRequests({ store: { ...store, list }, keys, buckets }, { limit: 100, ...options });

/** Lists with the times that a test has set. */
const list: ObjectStore['list'] = async function* (bucket, options) {
  for await (const info of store.list(bucket, options)) {
    yield { ...info, lastModified: writtenAt.get(info.key) ?? info.lastModified };
  }
};

it('finds every request in its state, newest first', async () => {
  await request(0, 10);
  await request(1, 20, keys.target(idOf(1)));
  await request(2, 30, keys.target(idOf(2)), thumbnailOf(2));
  await request(3, 40, thumbnailOf(3), keys.heldRecord(idOf(3)));
  await request(4, 50, keys.target(idOf(4)), keys.mosaicRecord(idOf(4)));
  await request(5, 60, keys.mosaicRecord(idOf(5)), keys.answerRecord(idOf(5)));
  await request(6, 70);
  await decide(7, 80, 'reject');
  await decide(8, 90, 'withdraw');
  const failure = { step: 'prepare', code: 'image.unreadable', reason: 'This is no picture.' };
  await put(
    keys.failureRecord(idOf(6)),
    JSON.stringify({ id: idOf(6), ...failure, attempts: 1, failedAt: '2026-01-01T00:00:00Z' }),
  );

  const { counts, requests } = await find();
  expect(requests.map(({ id, state }) => [id, state])).toEqual(
    requestStates.map((state, n) => [idOf(n), state]),
  );
  expect(requests[6]?.failure).toEqual(failure);
  expect(counts).toEqual(Object.fromEntries(requestStates.map((state) => [state, 1])));
});

it('names the oldest request that is still open, whatever is shown', async () => {
  await request(0, 50, keys.mosaicRecord(idOf(0)), keys.answerRecord(idOf(0)));
  await request(1, 40, keys.failureRecord(idOf(1)));
  await request(2, 30, keys.mosaicRecord(idOf(2)));
  await request(3, 20);
  const { oldestOpen } = await find({ limit: 1, state: 'completed' });
  expect(oldestOpen).toMatchObject({ id: idOf(2), state: 'published' });
});

it('names no open request when all is done', async () => {
  await request(0, 50, keys.mosaicRecord(idOf(0)), keys.answerRecord(idOf(0)));
  expect((await find()).oldestOpen).toBeUndefined();
});

it('shows only what is asked for, and counts all', async () => {
  for (let n = 0; n < 5; n++) await request(n, n);
  await request(9, 9, keys.target(idOf(9)));
  const newest = await find({ limit: 2 });
  expect(newest.requests.map(({ id }) => id)).toEqual([idOf(0), idOf(1)]);
  const prepared = await find({ state: 'prepared' });
  expect(prepared.requests.map(({ id }) => id)).toEqual([idOf(9)]);
  expect(prepared.counts).toMatchObject({ received: 5, prepared: 1 });
});

it('says so of a failure whose record is damaged', async () => {
  await request(1, 1, keys.failureRecord(idOf(1)));
  const { requests } = await find();
  expect(requests[0]).toMatchObject({ state: 'failed', failure: { code: 'record.damaged' } });
});

it('does not take raw photos and photos without a record for requests', async () => {
  await put(keys.requestPhoto(idOf(1)));
  await put(keys.rawRecord(idOf(2)));
  expect((await find()).requests).toEqual([]);
});

it('writes a table with a sum', async () => {
  await request(1, 90);
  const text = formatRequests(await find(), new Date());
  expect(text.split('\n')).toEqual([
    `${'REQUEST'.padEnd(32)}  STATE     AGE    FAILURE`,
    `${idOf(1)}  received  1 min`,
    '1 of 1 requests: 1 received, 0 prepared, 0 rendered, 0 held, 0 published, 0 completed, 0 failed, 0 rejected, 0 withdrawn.',
    `The oldest open request is 1 min old: ${idOf(1)} (received).`,
  ]);
});
