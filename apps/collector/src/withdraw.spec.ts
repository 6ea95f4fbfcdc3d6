import {
  defaultBucketNames,
  objectKeys,
  photoId,
  requestId,
  type MosaicmeEvent,
} from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { createAuthorStandings, readDecisions } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import type { Post } from '@mosaicme/social';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIngestEvent } from './ingest-event';
import { createWithdraw } from './withdraw';

const keys = objectKeys(defaultBucketNames);
const network = { name: 'mastodon', instance: 'mastodon.example' } as const;
const photo = (mediaIndex: number) =>
  photoId({ network: network.name, instance: network.instance, postId: '99', mediaIndex });
const bytes = Uint8Array.of(1);

let folder: string;
let store: ObjectStore;
let events: MosaicmeEvent[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  store = createFolderStore({ root: folder });
  for (const bucket of Object.values(defaultBucketNames)) await store.ensureBucket(bucket);
  events = [];
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const withdrawer = (takes: 'requests' | 'raw photos') =>
  createWithdraw(
    {
      app: 'collector',
      store,
      keys,
      messaging: { publish: async (event) => void events.push(event) },
      logger: silentLogger,
      signal: new AbortController().signal,
      campaigns: async () => ['default', 'fair'],
    },
    { takes, bucket: 'mosaic-in' },
  );
const deleted = { kind: 'withdrawn', postId: '99', reason: 'deleted' } as const;
const decisionsAbout = (id: string) => readDecisions({ store, keys }, id);

it('withdraws every request of a post in every campaign, and announces each', async () => {
  const requests = [requestId('default', photo(0)), requestId('fair', photo(2))];
  for (const id of requests) await store.put(keys.requestRecord(id), bytes);
  await withdrawer('requests')(network, deleted);
  expect(events.map(({ type, subject }) => [type, subject])).toEqual(
    requests.map((id) => ['decision.recorded.v1', id]),
  );
  for (const id of requests) {
    expect(await decisionsAbout(id)).toMatchObject([
      { verb: 'withdraw', by: 'mastodon.example', why: 'The author deleted the post.' },
    ]);
  }
});

it('withdraws raw photos', async () => {
  await store.put(keys.rawRecord(photo(1)), bytes);
  await withdrawer('raw photos')(network, deleted);
  expect(await decisionsAbout(photo(1))).toHaveLength(1);
});

it('leaves no trace of what was never ingested', async () => {
  await withdrawer('requests')(network, deleted);
  expect(events).toEqual([]);
  expect(await decisionsAbout(requestId('default', photo(0)))).toEqual([]);
});

it('adds nothing the second time', async () => {
  const id = requestId('default', photo(0));
  await store.put(keys.requestRecord(id), bytes);
  await withdrawer('requests')(network, deleted);
  await withdrawer('requests')(network, deleted);
  expect(await decisionsAbout(id)).toHaveLength(1);
});

it('withdraws an author whose account is gone', async () => {
  const gone = { kind: 'withdrawn', authorId: '7', reason: 'account' } as const;
  await withdrawer('requests')(network, gone);
  const standings = createAuthorStandings({ store, keys }, { maxAgeMs: 0 });
  const author = { network: network.name, instance: network.instance };
  expect(await standings.of({ ...author, author: { id: '7', handle: 'ada' } })).toBe('withdrawn');
  expect(await standings.of({ ...author, author: { id: '8', handle: 'bob' } })).toBe('undecided');
});

it('withdraws a post only after its ingestion that is in flight', async () => {
  const order: string[] = [];
  let finish: () => void = () => {};
  const ingest = createIngestEvent(
    async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('ingested');
    },
    async () => void order.push('withdrawn'),
  );
  const ingesting = ingest(network, { kind: 'post', post: { id: '99' } as Post });
  const withdrawing = ingest(network, deleted);
  const other = ingest(network, { ...deleted, postId: '100' });
  await other;
  finish();
  await Promise.all([ingesting, withdrawing]);
  expect(order).toEqual(['withdrawn', 'ingested', 'withdrawn']);
});
