import { defaultCampaign, photoId, requestId, type PublishedMosaic } from '@mosaicme/contracts';
import { decodeRecipe } from '@mosaicme/mosaic';
import { readRecord } from '@mosaicme/object-store';
import { announceRequest, submitRawPhoto, submitRequest } from '@mosaicme/pipeline';
import { mosaicRecordSchema, requestRecordSchema } from '@mosaicme/requests';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plasma } from './pictures';
import { eventually } from './processes';
import { hashtags, startStack, type Stack } from './stack';

jest.setTimeout(180_000);

const run = promisify(execFile);
const rawPhotos = 80;
let stack: Stack;
/** Links of the posts whose photos are tiles, by photo. */
const linkOf = new Map<string, string>();

const photoIdOf = (postId: string) =>
  photoId({ network: 'x', instance: 'x.com', postId, mediaIndex: 0 });

beforeAll(async () => {
  stack = await startStack();
  await Promise.all(
    ['collector-raw', 'collector-in', 'sync-downloader', 'sync-uploader', 'cacher', 'web'].map(
      (name) => stack.apps.get(name)!.ready(),
    ),
  );
  for (let seed = 0; seed < rawPhotos; seed++) {
    const post = await stack.simulator.post({
      handle: `photographer${seed % 9}`,
      text: `one for the library #${hashtags.raw}`,
      photos: [await plasma(seed)],
    });
    linkOf.set(photoIdOf(post.id), `https://x.com/photographer${seed % 9}/status/${post.id}`);
  }
  await stack.apps.get('engine')!.ready();
});

afterAll(() => stack?.close());

const recordOf = async (id: string): Promise<PublishedMosaic> => {
  const found = await readRecord(stack.store, stack.keys.mosaicRecord(id), mosaicRecordSchema);
  if (!found) throw new Error(`${id} has no record.`);
  return found.record;
};

/** Posts a request and waits until its mosaic is public. */
async function publishedMosaic(seed: number) {
  const photo = await plasma(seed, 120, 90);
  const post = await stack.simulator.post({
    handle: `guest${seed}`,
    text: `@mosaicme rebuild me #${hashtags.requests}`,
    photos: [photo],
  });
  const id = requestId(defaultCampaign, photoIdOf(post.id));
  const mosaic = await eventually('the mosaic is published', () => recordOf(id));
  await eventually('the post is answered', async () => {
    if (answersTo(post.id).length === 0) throw new Error('no answer yet');
  });
  return { id, post, photo, mosaic };
}
const answersTo = (postId: string) =>
  stack.simulator.answers().filter(({ inReplyTo }) => inReplyTo === postId);
const tilesOf = async ({ recipe }: PublishedMosaic): Promise<readonly string[]> =>
  decodeRecipe((await stack.store.get(recipe)).bytes).tileIds;
const pictureUrl = ({ campaign, id, revision }: PublishedMosaic) =>
  `${stack.galleryUrl}/pictures/${campaign}/${id}/${revision}/large.jpg`;
const statusOf = async (url: string) => (await fetch(url)).status;
const pageStatus = (id: string) => statusOf(`${stack.galleryUrl}/mosaic/${id}/`);
const mosaicme = async (...words: string[]): Promise<string> =>
  (
    await run(process.execPath, [join(__dirname, '../../../dist/apps/cli/main.js'), ...words], {
      env: { PATH: process.env['PATH'], ...stack.environment },
    })
  ).stdout;

it('takes a tile out of every mosaic that used it', async () => {
  const before = await Promise.all([701, 702, 703].map(publishedMosaic));
  const recipes = await Promise.all(before.map(({ mosaic }) => tilesOf(mosaic)));
  const shared = recipes[0]!.find((id) => recipes.every((ids) => ids.includes(id)))!;
  const untouched = await stack.store.head(stack.keys.rawRecord(shared));
  expect(untouched).toBeDefined();

  const report = JSON.parse(
    await mosaicme('withdraw', linkOf.get(shared)!, '--why', 'asked for it', '--json'),
  ) as { redrawn: number; removed: { tile: number }; carriedOut: boolean };
  expect(report).toMatchObject({ carriedOut: true, removed: { tile: 1 } });
  expect(report.redrawn).toBeGreaterThanOrEqual(3);

  for (const { mosaic } of before) {
    const now = await recordOf(mosaic.id);
    expect(now.revision).not.toBe(mosaic.revision);
    expect(now.publishedAt).toBe(mosaic.publishedAt);
    expect(await tilesOf(now)).not.toContain(shared);
    await eventually('the old pictures are gone', async () => {
      expect(await statusOf(pictureUrl(mosaic))).toBe(404);
    });
    expect(await statusOf(pictureUrl(now))).toBe(200);
    await eventually('the gallery follows', async () => {
      const page = await (await fetch(`${stack.galleryUrl}/mosaic/${mosaic.id}/`)).text();
      expect(page).toContain(now.revision);
    });
  }
  expect(await stack.store.head(stack.keys.rawRecord(shared))).toBeUndefined();
  expect(await stack.store.head(stack.keys.rawPhoto(shared))).toBeUndefined();
});

it('takes a request out with its mosaic and its answer, and nothing brings it back', async () => {
  const { id, post, photo } = await publishedMosaic(710);
  const found = await readRecord(stack.store, stack.keys.requestRecord(id), requestRecordSchema);
  const { request, object } = found!.record;

  expect(await mosaicme('withdraw', id, '--why', 'asked for it')).toMatch(/Deleted: 1 answer/);
  const isGone = async () => {
    expect(await stack.store.head(stack.keys.mosaicRecord(id))).toBeUndefined();
    expect(await stack.store.head(stack.keys.requestRecord(id))).toBeUndefined();
    expect(await pageStatus(id)).not.toBe(200);
  };
  await eventually('it is gone', isGone);
  expect(answersTo(post.id)).toEqual([]);

  const ports = { app: 'e2e', store: stack.store, messaging: stack.messaging, keys: stack.keys };
  // Redelivery of its message, a collector that reads the post once more, reconciliation, reindex.
  await announceRequest(ports, request, object);
  const again = { bytes: photo, contentType: 'image/jpeg' };
  expect(await submitRequest(ports, request, again)).toBe('withdrawn');
  const raw = { photo: request.photo, library: defaultCampaign };
  expect(await submitRawPhoto(ports, raw, again)).toBe('withdrawn');
  await mosaicme('reconcile', '--age', '0');
  await mosaicme('reindex');
  const other = await publishedMosaic(711);
  expect(await tilesOf(other.mosaic)).not.toContain(request.photo.id);
  await isGone();

  expect(await mosaicme('withdraw', id, '--why', 'once more')).toMatch(/^Withdrawn: /);
});

it('takes a rejected mosaic away and publishes it again when it is approved', async () => {
  const { id, mosaic } = await publishedMosaic(720);
  await mosaicme('decide', 'reject', id, '--why', 'not for everybody');
  await eventually('it is gone', async () => {
    expect(await stack.store.head(stack.keys.mosaicRecord(id))).toBeUndefined();
    expect(await statusOf(pictureUrl(mosaic))).toBe(404);
  });
  await mosaicme('decide', 'approve', id, '--why', 'it was fine');
  await eventually('it is back', () => recordOf(id));
});

it('says that nothing is known of an id', async () => {
  const failure = await mosaicme('withdraw', 'f'.repeat(32), '--why', 'a slip').catch(
    (error: { stderr: string }) => error.stderr,
  );
  expect(failure).toContain('Nothing is known of the id');
});
