import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import type { FollowOptions, Network, Post, SocialEvent } from '@mosaicme/social';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followHashtags, followWhatIsWanted } from './follow';

const cursor = { bucket: 'mosaic-in', key: 'cursors/test.json' };

let folder: string;
let store: ObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(cursor.bucket);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const event = (id: string): SocialEvent => ({ kind: 'post', post: postOf(id), resumeFrom: id });
const postOf = (id: string): Post => ({
  network: { name: 'x', instance: 'x.com' },
  id,
  author: { id: '7', handle: 'ada' },
  link: `https://x.com/ada/status/${id}`,
  text: '#mosaicme',
  tags: ['mosaicme'],
  postedAt: new Date(0),
  media: [{ mediaIndex: 0, url: 'https://media.example/1.jpg' }],
  answerable: true,
});

/** A network that gives these posts and remembers what it was asked. */
function networkOf(
  ids: readonly string[],
  change: (event: SocialEvent) => SocialEvent = (unchanged) => unchanged,
): Network & { asked: FollowOptions[] } {
  const asked: FollowOptions[] = [];
  return {
    id: { name: 'x', instance: 'x.com' },
    limits: {
      length: ({ length }) => length,
      maxText: 280,
      pictureBytes: 1,
      picturePixels: 1,
      altText: 1,
    },
    asked,
    async *follow(options) {
      asked.push(options);
      for (const id of ids) yield change(event(id));
    },
    answer: () => Promise.reject(new Error('not asked for')),
    findAnswer: () => Promise.reject(new Error('not asked for')),
    deleteAnswer: () => Promise.reject(new Error('not asked for')),
    async *check() {},
    close: async () => undefined,
  };
}

function follow(network: Network, ingest: (post: Post) => Promise<void>, atOnce = 4) {
  return followHashtags(
    {
      store,
      network,
      ingest: async (event) => {
        if (event.kind !== 'withdrawn') await ingest(event.post);
      },
      logger: silentLogger,
      signal: new AbortController().signal,
    },
    { hashtags: ['mosaicme'], name: 'test', cursor, atOnce },
  );
}

const savedCursor = async () =>
  JSON.parse(new TextDecoder().decode((await store.get(cursor)).bytes)).since as string;

it('reads on after the last post that was taken', async () => {
  await follow(networkOf(['1', '2', '3']), async () => undefined);
  const next = networkOf([]);
  await follow(next, async () => undefined);
  expect(next.asked[0]?.since).toBe('3');
});

it('reads on from where a post says, not from the post', async () => {
  const early = ({ resumeFrom, ...rest }: SocialEvent): SocialEvent =>
    resumeFrom === '2' ? { ...rest, resumeFrom: '1' } : rest;
  await follow(networkOf(['5', '2', '7'], early), async () => undefined);
  expect(await savedCursor()).toBe('1');
});

it('starts without a cursor the first time', async () => {
  const network = networkOf([]);
  await follow(network, async () => undefined);
  expect(network.asked[0]).not.toHaveProperty('since');
});

it('does not pass a post that is not taken yet', async () => {
  let finishFirst: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (finishFirst = resolve));
  const taken: string[] = [];
  const following = follow(networkOf(['1', '2', '3']), async ({ id }) => {
    if (id === '1') await first;
    taken.push(id);
    if (taken.length === 2) {
      expect(await store.head(cursor)).toBeUndefined();
      finishFirst();
    }
  });
  await following;
  expect(taken).toEqual(['2', '3', '1']);
  expect(await savedCursor()).toBe('3');
});

it('goes on after a post that cannot be taken', async () => {
  const taken: string[] = [];
  await follow(networkOf(['1', '2']), async ({ id }) => {
    if (id === '1') throw new Error('broken');
    taken.push(id);
  });
  expect(taken).toEqual(['2']);
  expect(await savedCursor()).toBe('2');
});

it('works on no more posts at a time than it may', async () => {
  let inFlight = 0;
  let most = 0;
  await follow(
    networkOf(['1', '2', '3', '4', '5', '6']),
    async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    },
    2,
  );
  expect(most).toBe(2);
});

describe('followWhatIsWanted', () => {
  /** A network that hands over one post for each hashtag and then waits for the end. */
  function waitingNetwork(): Network & { asked: FollowOptions[] } {
    const network = networkOf([]);
    return {
      ...network,
      async *follow(options) {
        network.asked.push(options);
        yield event(`${options.hashtags.join()}-1`);
        await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
      },
    };
  }

  const run = (network: Network, wanted: () => readonly string[], stopping: AbortController) => {
    const ingested: string[] = [];
    const running = followWhatIsWanted(
      {
        store,
        network,
        logger: silentLogger,
        signal: stopping.signal,
        ingest: async (given) => void ingested.push(given.resumeFrom ?? ''),
      },
      {
        wanted: async () => wanted(),
        lookEveryMs: 5,
        name: 'test',
        cursorOf: (tags) => ({ bucket: cursor.bucket, key: `cursors/${tags.join('-')}.json` }),
        atOnce: 4,
      },
    );
    return { running, ingested };
  };

  const eventually = async (check: () => boolean) => {
    while (!check()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('goes on with changed hashtags from where it was', async () => {
    const stopping = new AbortController();
    let tags = ['wall'];
    const network = waitingNetwork();
    const { running, ingested } = run(network, () => tags, stopping);
    await eventually(() => ingested.length === 1);
    tags = ['expo', 'wall'];
    await eventually(() => network.asked.length === 2);
    stopping.abort();
    await running;
    expect(network.asked.map(({ hashtags, since }) => [hashtags, since])).toEqual([
      [['wall'], undefined],
      [['expo', 'wall'], 'wall-1'],
    ]);
  });

  it('waits while nothing is wanted', async () => {
    const stopping = new AbortController();
    let tags: string[] = [];
    const network = waitingNetwork();
    const { running } = run(network, () => tags, stopping);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(network.asked).toEqual([]);
    tags = ['wall'];
    await eventually(() => network.asked.length === 1);
    stopping.abort();
    await running;
  });
});
