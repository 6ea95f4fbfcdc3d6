import { createEvent, defaultBucketNames, objectKeys } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';
import {
  createFolderStore,
  readRecord,
  writeRecord,
  type ObjectStore,
} from '@mosaicme/object-store';
import { answerIntentSchema, answerRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import type { Network, PostedAnswer } from '@mosaicme/social';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPacing } from './pacing';
import { createWithdrawAnswer } from './withdraw-answer';

const keys = objectKeys(defaultBucketNames);
const id = 'a'.repeat(32);
const post = { network: 'x', instance: 'x.com', postId: '1' } as const;
const posted: PostedAnswer = { postId: '2', link: 'https://x.com/mosaicme/status/2' };
const longAgo = '2026-01-01T00:00:00.000Z';
const settleMs = 60_000;
let folder: string;
let store: ObjectStore;
let deleted: string[];
let deleting: () => Promise<void>;
let found: PostedAnswer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'withdraw-answer-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(defaultBucketNames.outSmall);
  deleted = [];
  deleting = async () => undefined;
  found = undefined;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function withdraw(data: { post?: typeof post } = { post }): Promise<void> {
  const network = {
    id: { name: 'x', instance: 'x.com' },
    findAnswer: async () => found,
    deleteAnswer: async (answer: PostedAnswer) => {
      await deleting();
      deleted.push(answer.postId);
    },
  } as unknown as Network;
  const networks = {
    get: ({ name }: Network['id']) => (name === 'x' ? network : undefined),
    close: async () => undefined,
    *[Symbol.iterator]() {
      yield network;
    },
  };
  const pacing = createPacing({ probeMs: 1_000 }, silentLogger);
  const handle = createWithdrawAnswer({ store, keys, networks, pacing }, { settleMs });
  const event = createEvent(
    'mosaic.withdrawn.v1',
    { id, campaign: 'default', ...data },
    { app: 'test', subject: id },
  );
  await handle(event, { logger: silentLogger });
}

const answered = () =>
  writeRecord(store, keys.answerRecord(id), answerRecordSchema, {
    id,
    answer: { status: 'answered', ...posted, answeredAt: longAgo },
  });
const intended = (intendedAt: string) =>
  writeRecord(store, keys.answerIntent(id), answerIntentSchema, {
    id,
    intendedAt,
    outcome: 'unknown',
  });
const noted = async () =>
  (await readRecord(store, keys.answerRecord(id), answerRecordSchema))?.record.withdrawal;

it('deletes the answer and notes it', async () => {
  await answered();
  await withdraw();
  expect(deleted).toEqual(['2']);
  expect(await noted()).toMatchObject({ outcome: 'deleted' });
});

it('deletes it once, however often it is told', async () => {
  await answered();
  await withdraw();
  await withdraw();
  expect(deleted).toEqual(['2']);
});

it('does nothing where nothing was answered', async () => {
  await withdraw();
  expect(deleted).toEqual([]);
  expect(await noted()).toBeUndefined();
});

it('finds an answer whose word was lost', async () => {
  await intended(longAgo);
  found = posted;
  await withdraw();
  expect(deleted).toEqual(['2']);
  expect(await noted()).toMatchObject({ outcome: 'deleted' });
});

it('waits while an attempt to answer is too young to know', async () => {
  await intended(new Date().toISOString());
  await expect(withdraw()).rejects.toMatchObject({ code: 'answer.unsettled' });
});

it('is done when an old attempt left no answer', async () => {
  await intended(longAgo);
  await expect(withdraw()).resolves.toBeUndefined();
  expect(deleted).toEqual([]);
});

it('notes why the network kept it', async () => {
  await answered();
  deleting = () => Promise.reject(new PermanentError('x.forbidden', 'This app may not delete.'));
  await withdraw();
  expect(await noted()).toMatchObject({ outcome: 'kept', reason: 'This app may not delete.' });
});

it('notes that the network is not configured any more', async () => {
  await answered();
  await withdraw({});
  expect(await noted()).toMatchObject({ outcome: 'kept' });
});

it('tries again when the network is away', async () => {
  await answered();
  deleting = () => Promise.reject(new TransientError('x.unavailable', 'X is away.'));
  await expect(withdraw()).rejects.toMatchObject({ code: 'x.unavailable' });
  expect(await noted()).toBeUndefined();
});
