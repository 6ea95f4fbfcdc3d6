import type { RenderOptions } from '@mosaicme/rendering';
import {
  createEvent,
  defaultBucketNames,
  objectKeys,
  photoId,
  type EventOf,
  type MosaicmeEvent,
  createRequest,
  defaultCampaign,
} from '@mosaicme/contracts';
import { makeTile, prepareTarget } from '@mosaicme/imaging';
import { decodeRecipe, defaultMatchOptions } from '@mosaicme/mosaic';
import { createFolderStore, ObjectNotFound, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, openTileLibrary } from '@mosaicme/tile-library';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRenderRequest } from './render-request';

// Each test makes real tiles and mosaics, which a busy machine does not do in five seconds.
jest.setTimeout(60_000);

const keys = objectKeys(defaultBucketNames);
const bucket = defaultBucketNames.tiles;

const flat = (level: number) =>
  sharp({
    create: {
      width: 128,
      height: 96,
      channels: 3,
      background: { r: level, g: level, b: level },
    },
  })
    .png()
    .toBuffer();

describe('the engine', () => {
  let folder: string;
  let store: ObjectStore;
  let published: MosaicmeEvent[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engine-'));
    store = createFolderStore({ root: folder });
    for (const name of Object.values(defaultBucketNames)) await store.ensureBucket(name);
    published = [];
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function addTiles(...levels: number[]): Promise<void> {
    const appender = await createTileAppender({
      store,
      bucket,
      maxWaitMs: 60_000,
      nearDuplicateBits: 0,
      logger: silentLogger,
    });
    const tiles = await Promise.all(levels.map(async (level) => makeTile(await flat(level))));
    const added = tiles.map((images, index) => {
      const id = photoId({
        network: 'spool',
        instance: 'spool',
        postId: String(levels[index]),
        mediaIndex: 0,
      });
      return appender.add({ id, network: 'spool', author: { handle: 'ada' } }, images);
    });
    await appender.close();
    expect(await Promise.all(added)).toEqual(levels.map(() => 'added'));
  }

  async function startHandler(needed = 1) {
    const library = await openTileLibrary({
      store,
      bucket,
      memoryBudgetBytes: 1e8,
      logger: silentLogger,
    });
    const messaging = { publish: async (event: MosaicmeEvent) => void published.push(event) };
    const options: RenderOptions = {
      grid: { print: { longerSideMm: 25.4 * 2, dpi: 64 } },
      tileSize: 16,
      match: { ...defaultMatchOptions, repeatDistance: 0, colourShift: 0 },
    };
    const jobOf = async () => ({ options, library, libraryName: 'default', needed });
    return createRenderRequest(
      { app: 'engine', store, keys, buckets: defaultBucketNames, messaging, jobOf },
      { thumbnailWidth: 40, libraryMaxAgeMs: 0, tilesPauseMs: 1_000 },
    );
  }

  async function request(level: number): Promise<EventOf<'mosaic.prepared.v1'>> {
    const postId = `request ${level}`;
    const photo = {
      id: photoId({ network: 'x', instance: 'x.com', postId, mediaIndex: 0 }),
      network: 'x',
      instance: 'x.com',
      postId,
      mediaIndex: 0,
      author: { id: '1', handle: 'ada' },
      postedAt: '2026-01-01T00:00:00.000Z',
    } as const;
    const request = createRequest(defaultCampaign, photo, { answerable: true });
    const { jpeg, width, height } = await prepareTarget(await flat(level));
    const target = keys.target(request.id);
    await store.put(target, jpeg);
    return createEvent(
      'mosaic.prepared.v1',
      {
        request,
        target,
        size: { width, height },
      },
      { app: 'test', subject: request.id },
    );
  }

  it('stores recipe, picture and thumbnail before it announces them', async () => {
    await addTiles(20, 240);
    const handle = await startHandler();
    const event = await request(230);
    await handle(event, { logger: silentLogger });

    expect(published).toHaveLength(1);
    const { data } = published[0] as EventOf<'mosaic.rendered.v1'>;
    expect(data).toMatchObject({
      size: { width: 128, height: 96 },
      grid: { columns: 8, rows: 6, tileSize: 16, cells: 48 },
      distinctTiles: 1,
    });
    const { bytes, contentType } = await store.get(data.picture);
    const { width, height, density } = await sharp(bytes, { failOn: 'warning' }).metadata();
    expect({ contentType, width, height, density }).toEqual({
      contentType: 'image/jpeg',
      width: 128,
      height: 96,
      density: 64,
    });
    const small = await sharp((await store.get(data.thumbnail)).bytes).metadata();
    expect([small.width, small.height]).toEqual([40, 30]);
    const recipe = decodeRecipe((await store.get(data.recipe)).bytes);
    expect(recipe.tileIds).toEqual([
      photoId({ network: 'spool', instance: 'spool', postId: '240', mediaIndex: 0 }),
    ]);
  });

  it('uses tiles that came while it was running', async () => {
    await addTiles(20, 60);
    const handle = await startHandler();
    await addTiles(240);
    await handle(await request(230), { logger: silentLogger });
    const { data } = published[0] as EventOf<'mosaic.rendered.v1'>;
    const recipe = decodeRecipe((await store.get(data.recipe)).bytes);
    expect(recipe.tileIds).toEqual([
      photoId({ network: 'spool', instance: 'spool', postId: '240', mediaIndex: 0 }),
    ]);
  });

  it('skips a request whose target was swept because it is published', async () => {
    await addTiles(20, 240);
    const handle = await startHandler();
    const event = await request(230);
    const { id } = event.data.request;
    await store.delete(keys.target(id));
    await store.put(keys.mosaicRecord(id), new Uint8Array());
    await handle(event, { logger: silentLogger });
    expect(published).toEqual([]);
  });

  it('defers a request whose campaign lacks tiles, and says how many', async () => {
    await addTiles(20, 240);
    const handle = await startHandler(3);
    await expect(handle(await request(230), { logger: silentLogger })).rejects.toMatchObject({
      name: 'DeferredError',
      code: 'engine.too-few-tiles',
      message: expect.stringContaining('2 of the 3 tiles'),
    });
    expect(published).toEqual([]);
  });

  it('passes on which drawing a new one takes the place of', async () => {
    await addTiles(20, 240);
    const handle = await startHandler();
    const event = await request(230);
    const replaces = '00c0ffee00c0ffee';
    await handle({ ...event, data: { ...event.data, replaces } }, { logger: silentLogger });
    expect(published).toMatchObject([{ data: { replaces } }]);
  });

  it('fails without the target of a request that is not done', async () => {
    await addTiles(20, 240);
    const handle = await startHandler();
    const event = await request(230);
    await store.delete(keys.target(event.data.request.id));
    await expect(handle(event, { logger: silentLogger })).rejects.toThrow(ObjectNotFound);
  });

  it('writes the same bytes when a request is delivered again', async () => {
    await addTiles(20, 60, 240);
    const handle = await startHandler();
    const event = await request(100);
    await handle(event, { logger: silentLogger });
    const { picture } = (published[0] as EventOf<'mosaic.rendered.v1'>).data;
    const first = (await store.get(picture)).bytes;
    await handle(event, { logger: silentLogger });
    expect(Buffer.compare((await store.get(picture)).bytes, first)).toBe(0);
    expect(published.map(({ id }) => id)).toEqual([published[0]!.id, published[0]!.id]);
  });
});
