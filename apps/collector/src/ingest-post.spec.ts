import { campaignOfVariables, campaignSchema } from '@mosaicme/campaigns';
import {
  defaultBucketNames,
  objectKeys,
  photoId,
  type MosaicmeEvent,
  defaultCampaign,
  requestId,
} from '@mosaicme/contracts';
import { isPermanent, PermanentError, TransientError } from '@mosaicme/errors';
import { createFolderStore, type ObjectStore, readRecord } from '@mosaicme/object-store';
import { failureRecordSchema, requestRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import type { Post } from '@mosaicme/social';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Destination } from './campaigns';
import type { CollectorRole } from './role';
import { createIngestPost } from './ingest-post';

const keys = objectKeys(defaultBucketNames);
const requests: CollectorRole = { takes: 'requests', bucket: 'mosaic-in' };
const rawPhotos: CollectorRole = { takes: 'raw photos', bucket: 'mosaic-raw' };
const bytes = Uint8Array.of(1, 2, 3);

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

const post: Post = {
  network: { name: 'x', instance: 'x.com' },
  id: '99',
  author: { id: '7', handle: 'ada' },
  link: 'https://x.com/ada/status/99',
  text: '@mosaicme #mosaicme',
  tags: ['mosaicme'],
  postedAt: new Date(0),
  media: [
    { mediaIndex: 0, url: 'https://media.example/0.jpg' },
    { mediaIndex: 1, url: 'https://media.example/1.jpg' },
  ],
  answerable: true,
};
const photoOf = (mediaIndex: number) =>
  photoId({ network: 'x', instance: 'x.com', postId: '99', mediaIndex });
const idOf = (mediaIndex: number) => requestId(defaultCampaign, photoOf(mediaIndex));

function ingester(role: CollectorRole, download: (url: string) => Promise<Uint8Array>) {
  return createIngestPost(
    {
      app: 'collector',
      store,
      keys,
      messaging: { publish: async (event) => void events.push(event) },
      logger: silentLogger,
      signal: new AbortController().signal,
      download: async (url) => ({ bytes: await download(url), contentType: 'image/jpeg' }),
      destinationsOf: async () => [{ campaign: campaignOfVariables(), isOpen: true }],
      retryPausesMs: [1, 1],
    },
    role,
  );
}

it('stores photo and record of each picture before it announces it', async () => {
  await ingester(requests, async () => bytes)(post);
  expect(events.map(({ type, subject }) => [type, subject])).toEqual([
    ['mosaic.requested.v1', idOf(0)],
    ['mosaic.requested.v1', idOf(1)],
  ]);
  const found = await readRecord(store, keys.requestRecord(idOf(0)), requestRecordSchema);
  expect((await store.get(found!.record.object)).bytes).toEqual(bytes);
  expect(found?.record.request.photo).toMatchObject({ author: { handle: 'ada' }, link: post.link });
});

it('lets only the first picture of a post be answered', async () => {
  await ingester(requests, async () => bytes)(post);
  const answerable = events.map(
    (event) => event.type === 'mosaic.requested.v1' && event.data.request.answerable,
  );
  expect(answerable).toEqual([true, false]);
});

it('answers the first picture of a post whose first medium is a video', async () => {
  const media = post.media.map((one) => ({ ...one, mediaIndex: one.mediaIndex + 1 }));
  await ingester(requests, async () => bytes)({ ...post, media });
  const answerable = events.map(
    (event) => event.type === 'mosaic.requested.v1' && event.data.request.answerable,
  );
  expect(answerable).toEqual([true, false]);
});

it.each(['sensitive', 'no-public-display'] as const)(
  'skips a post that is %s',
  async (restricted) => {
    await ingester(requests, async () => bytes)({ ...post, restricted });
    expect(events).toEqual([]);
  },
);

it('fails for good on a post that breaks the contract, and does not wait for it for ever', async () => {
  const broken = { ...post, text: 'a'.repeat(10_001) };
  const error = await ingester(requests, async () => bytes)(broken).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'record.invalid' });
  expect(isPermanent(error)).toBe(true);
});

it('announces raw photos for the tile library', async () => {
  await ingester(rawPhotos, async () => bytes)(post);
  expect(events.map(({ type }) => type)).toEqual(['photo.collected.v1', 'photo.collected.v1']);
});

it('skips a post that was ingested before', async () => {
  const take = ingester(requests, async () => bytes);
  await take(post);
  await take(post);
  expect(events).toHaveLength(2);
});

it('fetches again after a passing failure', async () => {
  let attempts = 0;
  await ingester(requests, async () => {
    if (++attempts < 3) throw new TransientError('media.timeout', 'too slow');
    return bytes;
  })({ ...post, media: post.media.slice(0, 1) });
  expect([attempts, events[0]?.type]).toEqual([3, 'mosaic.requested.v1']);
});

it.each([
  ['at once what will not change', new PermanentError('media.gone', 'gone'), 1],
  ['after the last attempt what does not pass', new TransientError('media.timeout', 'slow'), 3],
])('reports %s as a failure and goes on', async (_name, error, attempts) => {
  await ingester(requests, async (url) => {
    if (url.endsWith('0.jpg')) throw error;
    return bytes;
  })(post);
  const failure = await readRecord(store, keys.failureRecord(idOf(0)), failureRecordSchema);
  expect(failure?.record).toMatchObject({ code: error.code, attempts });
  expect(events.map(({ type }) => type)).toEqual(['mosaic.failed.v1', 'mosaic.requested.v1']);
});

describe('with several campaigns', () => {
  const expo = campaignSchema.parse({ slug: 'expo', state: 'open', library: 'own' });
  const ingesterFor = (role: CollectorRole, destinations: readonly Destination[]) => {
    let downloads = 0;
    const ingest = createIngestPost(
      {
        app: 'collector',
        store,
        keys,
        messaging: { publish: async (event) => void events.push(event) },
        logger: silentLogger,
        signal: new AbortController().signal,
        download: async () => {
          downloads++;
          return { bytes, contentType: 'image/jpeg' };
        },
        destinationsOf: async () => destinations,
        retryPausesMs: [],
      },
      role,
    );
    const one = { ...post, media: post.media.slice(0, 1) };
    return { ingest: () => ingest(one), downloads: () => downloads };
  };
  const both = [
    { campaign: campaignOfVariables(), isOpen: true },
    { campaign: expo, isOpen: true },
  ];

  it('makes a request in each, answers once, and fetches once', async () => {
    const { ingest, downloads } = ingesterFor(requests, both);
    await ingest();
    const asked = events.map((event) =>
      event.type === 'mosaic.requested.v1'
        ? [event.data.request.campaign, event.data.request.answerable]
        : [],
    );
    expect(asked).toEqual([
      ['default', true],
      ['expo', false],
    ]);
    expect(downloads()).toBe(1);
  });

  it('brings a raw photo into the library of each', async () => {
    await ingesterFor(rawPhotos, both).ingest();
    const libraries = events.map((event) =>
      event.type === 'photo.collected.v1' ? event.data.library : '',
    );
    expect(libraries).toEqual(['default', 'expo']);
  });

  it('settles a post of after the closing as such, and fetches nothing', async () => {
    const late = ingesterFor(requests, [{ campaign: expo, isOpen: false }]);
    await late.ingest();
    await late.ingest();
    expect(events).toMatchObject([
      { type: 'mosaic.failed.v1', data: { campaign: 'expo', code: 'campaign.closed' } },
    ]);
    expect(late.downloads()).toBe(0);
  });
});
