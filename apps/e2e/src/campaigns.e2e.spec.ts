import { updateCampaign } from '@mosaicme/campaigns';
import { photoId, requestId, type PublishedMosaic } from '@mosaicme/contracts';
import { readRecord } from '@mosaicme/object-store';
import { mosaicRecordSchema, readRequest } from '@mosaicme/requests';
import { plasma } from './pictures';
import { eventually } from './processes';
import { hashtags, startStack, type Stack } from './stack';

jest.setTimeout(120_000);

const tilesOf = { expo: 'expotiles', default: hashtags.raw };
const tilesNeeded = 60;

let stack: Stack;
let postNumber = 0;

beforeAll(async () => {
  stack = await startStack();
  const ports = { store: stack.store, keys: stack.keys, buckets: stack.config.buckets };
  await updateCampaign(ports, 'expo', (draft) => ({
    ...draft,
    title: 'Expo',
    state: 'open',
    library: 'own',
    hashtags: { x: { requests: ['expo'], tiles: [tilesOf.expo] } },
    style: { cells: 10, tileSize: 16, minTiles: tilesNeeded },
    answer: { text: 'Expo for @%s: %s' },
  }));
  await Promise.all(
    ['collector-in', 'collector-raw'].map((name) =>
      stack.apps.get(name)!.line(({ msg, ...about }) => {
        const wanted = name === 'collector-in' ? 'expo' : tilesOf.expo;
        return msg === 'follows' && JSON.stringify(about).includes(`"${wanted}"`);
      }),
    ),
  );
  await addTiles(tilesOf.default, 0);
  await stack.apps.get('engine')!.ready();
});
afterAll(() => stack?.close());

async function addTiles(tag: string, seed: number): Promise<void> {
  for (let n = 0; n < tilesNeeded + 10; n += 4) {
    const photos = await Promise.all([0, 1, 2, 3].map((at) => plasma(seed + n + at, 64)));
    await stack.simulator.post({ handle: 'photographer', text: `#${tag}`, photos });
  }
}

async function request(tags: readonly string[], seed: number) {
  const post = await stack.simulator.post({
    handle: `guest${postNumber++}`,
    text: `@mosaicme ${tags.map((tag) => `#${tag}`).join(' ')}`,
    photos: [await plasma(seed, 200)],
  });
  const source = { network: 'x', instance: 'x.com', postId: post.id, mediaIndex: 0 } as const;
  return { post, idIn: (campaign: string) => requestId(campaign, photoId(source)) };
}

const published = (id: string): Promise<PublishedMosaic> =>
  eventually(`${id} is published`, async () => {
    const found = await readRecord(stack.store, stack.keys.mosaicRecord(id), mosaicRecordSchema);
    if (!found) throw new Error('not yet');
    return found.record;
  });
const listed = async (campaign: string): Promise<string[]> => {
  const response = await fetch(`${stack.galleryUrl}/api/mosaics?campaign=${campaign}&limit=200`);
  const { mosaics } = (await response.json()) as { mosaics: { id: string }[] };
  return mosaics.map(({ id }) => id);
};

it('parks the requests of a campaign that lacks tiles, and goes on with the others', async () => {
  const parked = await request(['expo'], 700);
  const other = await request([hashtags.requests], 701);
  await published(other.idIn('default'));
  const ports = { store: stack.store, keys: stack.keys, buckets: stack.config.buckets };
  expect(await readRequest(ports, parked.idIn('expo'))).toMatchObject({ state: 'prepared' });

  await addTiles(tilesOf.expo, 1_000);
  const mosaic = await published(parked.idIn('expo'));
  expect(mosaic).toMatchObject({ campaign: 'expo', library: 'expo', grid: { tileSize: 16 } });
});

it('makes mosaics of two campaigns side by side, each by its grid, seen only in its own', async () => {
  const inExpo = await request(['expo'], 702);
  const inDefault = await request([hashtags.requests], 703);
  const expo = await published(inExpo.idIn('expo'));
  const usual = await published(inDefault.idIn('default'));
  expect([expo.size.width, usual.size.width]).toEqual([10 * 16, 20 * 32]);

  await eventually('both galleries list their own', async () => {
    expect(await listed('expo')).toContain(expo.id);
    expect(await listed('default')).toContain(usual.id);
  });
  expect(await listed('expo')).not.toContain(usual.id);
  expect(await listed('default')).not.toContain(expo.id);
});

it('answers with the text of the campaign, and once for a post in both', async () => {
  const both = await request([hashtags.requests, 'expo'], 704);
  await published(both.idIn('default'));
  await published(both.idIn('expo'));
  const answer = await eventually('the post is answered', async () => {
    const [found] = stack.simulator.answers().filter(({ inReplyTo }) => inReplyTo === both.post.id);
    if (!found) throw new Error('no answer yet');
    return found;
  });
  expect(answer.text).toContain('/mosaic/');
  const expoOnly = await request(['expo'], 705);
  const inExpo = await eventually('the post is answered', async () => {
    const [found] = stack.simulator
      .answers()
      .filter(({ inReplyTo }) => inReplyTo === expoOnly.post.id);
    if (!found) throw new Error('no answer yet');
    return found;
  });
  expect(inExpo.text).toMatch(/^Expo for @guest/);
  expect(
    stack.simulator.answers().filter(({ inReplyTo }) => inReplyTo === both.post.id),
  ).toHaveLength(1);
});

it('takes no more requests after the closing, and keeps what was made', async () => {
  const before = await request(['expo'], 706);
  await published(before.idIn('expo'));
  const ports = { store: stack.store, keys: stack.keys, buckets: stack.config.buckets };
  const closesAt = new Date().toISOString();
  await updateCampaign(ports, 'expo', (open) => ({ ...open, state: 'closed', closesAt }));
  const late = await request(['expo', hashtags.requests], 707);
  await published(late.idIn('default'));
  const inExpo = await eventually('the late request is settled', async () => {
    const found = await readRequest(ports, late.idIn('expo'));
    // The campaigns are read every five seconds: until then it may still count as open.
    if (!found || found.next !== undefined) throw new Error('not settled');
    return found;
  });
  expect(['failed', 'completed', 'published']).toContain(inExpo.state);
  const after = await eventually('a later one is refused', async () => {
    const later = await request(['expo', hashtags.requests], 708 + postNumber);
    await published(later.idIn('default'));
    const found = await readRequest(ports, later.idIn('expo'));
    if (found?.state !== 'failed') throw new Error(`it is ${found?.state}`);
    return found;
  });
  expect(after.facts.failure).toMatchObject({ code: 'campaign.closed', step: 'ingest' });
  expect(await published(before.idIn('expo'))).toMatchObject({ campaign: 'expo' });
});
