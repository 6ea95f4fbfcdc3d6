import { TransientError } from '@mosaicme/errors';
import { encodeTileSegments } from '@mosaicme/jpeg';
import { silentLogger } from '@mosaicme/service';
import type { TileSize } from '@mosaicme/tile-pack';
import { setImmediate } from 'node:timers/promises';
import { largeTileKey, manifestKey } from './keys';
import { testId, testPhotos } from './testing/photos';
import { bucket, listeningLogger, recording, temporaryStore } from './testing/stores';
import { createTileAppender, type TileAppender } from './tile-appender';
import { openTileLibrary } from './tile-library';
import { openTileReader, readerOf, type TileReader, type TileReaderOptions } from './tile-reader';

let place: Awaited<ReturnType<typeof temporaryStore>>;
let appender: TileAppender;
beforeEach(async () => {
  place = await temporaryStore();
  appender = await createTileAppender({
    store: place.store,
    bucket,
    packSize: 16,
    maxWaitMs: 60_000,
    nearDuplicateBits: 6,
    logger: silentLogger,
  });
});
afterEach(async () => {
  await appender.close();
  await place.remove();
});

async function addPhotos(from: number, to: number): Promise<void> {
  const photos = await testPhotos(from, to);
  const added = Promise.all(photos.map(({ photo, images }) => appender.add(photo, images)));
  await appender.flush();
  await added;
}

const open = (options: Partial<TileReaderOptions> = {}) =>
  openTileReader({
    store: place.store,
    bucket,
    memoryBudgetBytes: 10_000_000,
    refreshMs: 0,
    logger: silentLogger,
    ...options,
  });

const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => testId(from + index));

/** The tiles as bytes, so that they compare. */
async function bytesOf(reader: TileReader, wanted: readonly string[], size: TileSize) {
  const batch = await reader.read(wanted, size);
  return wanted.map((id) => {
    const tile = batch.get(id);
    return tile && Buffer.from(encodeTileSegments(tile)).toString('hex');
  });
}

describe.each([128, 64, 32, 16] as const)('tiles of %i px', (size) => {
  it('are those of the library, one by one and all at once', async () => {
    await addPhotos(0, 20);
    const library = await openTileLibrary({
      store: place.store,
      bucket,
      memoryBudgetBytes: 10_000_000,
      logger: silentLogger,
    });
    const all = await bytesOf(readerOf(library), ids(0, 20), size);
    const reader = open();
    expect(await bytesOf(reader, ids(7, 8), size)).toEqual(all.slice(7, 8));
    expect(await bytesOf(reader, ids(0, 20), size)).toEqual(all);
    await library.close();
  });
});

it('reads no tile twice, and neighbours in one request', async () => {
  await addPhotos(0, 16);
  const { store, calls } = recording(place.store);
  const reader = open({ store, refreshMs: 60_000 });
  await reader.read(ids(0, 1), 16);
  calls.length = 0;
  await reader.read(ids(0, 16), 16);
  await reader.read(ids(0, 16), 16);
  expect(calls).toHaveLength(1);
});

it('reads a tile once for all who ask at the same time', async () => {
  await addPhotos(0, 4);
  const { store, calls } = recording(place.store);
  const reader = open({ store, refreshMs: 60_000 });
  await reader.read(ids(0, 1), 16);
  calls.length = 0;
  const batches = await Promise.all([1, 2, 3].map(() => reader.read(ids(1, 4), 16)));
  expect(batches.map((batch) => ids(1, 4).every((id) => batch.get(id)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(calls).toHaveLength(1);
});

it('reads again what its memory has no room for', async () => {
  await addPhotos(0, 4);
  const reader = open({ memoryBudgetBytes: 1 });
  const first = await bytesOf(reader, ids(0, 4), 32);
  expect(await bytesOf(reader, ids(0, 4), 32)).toEqual(first);
  expect(first).not.toContain(undefined);
});

it('leaves out what is not in the library', async () => {
  await addPhotos(0, 2);
  const batch = await open().read([testId(0), testId(99)], 16);
  expect([batch.get(testId(0)) !== undefined, batch.get(testId(99))]).toEqual([true, undefined]);
  expect(batch.isComplete).toBe(true);
});

it('has no profile where the library is empty', async () => {
  const batch = await open().read([testId(0)], 16);
  expect([batch.profile, batch.get(testId(0)), batch.isComplete]).toEqual([
    undefined,
    undefined,
    true,
  ]);
});

it('finds a tile that was added since, and loses one that was removed', async () => {
  await addPhotos(0, 3);
  const reader = open();
  await reader.read(ids(0, 3), 16);
  await addPhotos(3, 5);
  expect((await reader.read([testId(4)], 16)).get(testId(4))).toBeDefined();
  await appender.remove([testId(1)]);
  // It looks for changes while it answers with what it knows.
  let batch = await reader.read(ids(0, 5), 16);
  while (batch.get(testId(1))) {
    await setImmediate();
    batch = await reader.read(ids(0, 5), 16);
  }
  expect(ids(0, 5).map((id) => batch.get(id) !== undefined)).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});

it('finds the tiles of packs that were merged since it looked', async () => {
  const reader = open({ refreshMs: 60_000 });
  await addPhotos(0, 1);
  await addPhotos(1, 2);
  await addPhotos(2, 3);
  expect(await bytesOf(reader, ids(0, 1), 16)).not.toContain(undefined);
  await addPhotos(3, 4);
  const { store } = place;
  const keys: string[] = [];
  for await (const { key } of store.list(bucket, { prefix: 'packs/' })) keys.push(key);
  const batch = await reader.read(ids(0, 3), 32);
  expect([batch.isComplete, ids(0, 3).every((id) => batch.get(id))]).toEqual([true, true]);
  expect(keys).toHaveLength(1);
});

it('says when a pack that is listed is not there, and heals', async () => {
  await addPhotos(0, 3);
  const { logger, heard } = listeningLogger();
  const reader = open({ logger });
  await reader.read(ids(0, 1), 16);
  const objects = [];
  for await (const info of place.store.list(bucket, { prefix: 'packs/' })) objects.push(info);
  const ref = objects[0]!;
  const { bytes } = await place.store.get(ref);
  await place.store.delete(ref);
  const broken = await reader.read(ids(0, 3), 64);
  expect([broken.isComplete, broken.get(testId(2))]).toEqual([false, undefined]);
  await place.store.put(ref, bytes);
  const healed = await reader.read(ids(0, 3), 64);
  expect([healed.isComplete, healed.get(testId(2)) !== undefined]).toEqual([true, true]);
  expect(heard).not.toContain('tile pack left out');
});

it('fails when the store does not answer, and only then', async () => {
  await addPhotos(0, 2);
  let isAway = true;
  const store = {
    ...place.store,
    head: async (ref: Parameters<typeof place.store.head>[0]) => {
      if (isAway) throw new TransientError('store.away', 'The store does not answer.');
      return place.store.head(ref);
    },
  };
  const reader = open({ store });
  await expect(reader.read(ids(0, 2), 16)).rejects.toMatchObject({ code: 'store.away' });
  isAway = false;
  expect((await reader.read(ids(0, 2), 16)).get(testId(1))).toBeDefined();
  isAway = true;
  expect((await reader.read(ids(0, 2), 16)).get(testId(1))).toBeDefined();
});

it('knows whom a tile belongs to', async () => {
  await addPhotos(0, 5);
  const reader = open();
  expect(await reader.credit(testId(3))).toEqual({
    network: 'mastodon',
    handle: 'person3',
    name: 'Person 3',
    link: 'https://example.org/3',
  });
  expect(await reader.credit(testId(99))).toBeUndefined();
});

it('reads a tile of 512 px where one is kept', async () => {
  await addPhotos(0, 2);
  const reader = open();
  const { profile } = await reader.read(ids(0, 1), 16);
  expect(profile).toBeDefined();
  const [{ images }] = (await testPhotos(0, 1)) as [Awaited<ReturnType<typeof testPhotos>>[0]];
  await place.store.put({ bucket, key: largeTileKey(testId(0), 256) }, images.jpegs[128]);
  const wrongSize = await reader.read(ids(0, 2), 256);
  expect(ids(0, 2).map((id) => wrongSize.get(id))).toEqual([undefined, undefined]);
});

it('never reads the feature vectors', async () => {
  await addPhotos(0, 16);
  const ranges: number[] = [];
  const store: typeof place.store = {
    ...place.store,
    get: async (ref, range) => {
      const object = await place.store.get(ref, range);
      if (ref.key !== manifestKey) ranges.push(object.bytes.length);
      return object;
    },
  };
  await open({ store }).read(ids(0, 1), 16);
  // The directory, the positions of the segments, one tile.
  expect(ranges).toHaveLength(3);
});
