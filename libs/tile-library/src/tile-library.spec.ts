import { transcodeTile } from '@mosaicme/jpeg';
import { TransientError } from '@mosaicme/errors';
import { tileFeatures } from '@mosaicme/mosaic';
import { silentLogger } from '@mosaicme/service';
import { removeTiles, tileSizes, type PackEntry } from '@mosaicme/tile-pack';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, updateManifest } from './manifest-store';
import { testId, testPhoto, testPhotos } from './testing/photos';
import { bucket, listeningLogger, recording, temporaryStore } from './testing/stores';
import { createTileAppender, type TileAppender } from './tile-appender';
import { openTileLibrary, type TileLibrary, type TileLibraryOptions } from './tile-library';

let place: Awaited<ReturnType<typeof temporaryStore>>;
let appender: TileAppender;
beforeEach(async () => {
  place = await temporaryStore();
  appender = await createTileAppender({
    store: place.store,
    bucket,
    packSize: 4,
    maxWaitMs: 60_000,
    nearDuplicateBits: 6,
    logger: silentLogger,
  });
});
afterEach(async () => {
  await appender.close();
  await place.remove();
});

/** Adds the photos `from` to `to`, four to a pack. */
async function addPhotos(from: number, to: number, by = appender): Promise<void> {
  const photos = await testPhotos(from, to);
  const added = Promise.all(photos.map(({ photo, images }) => by.add(photo, images)));
  await by.flush();
  await added;
}

const open = (options: Partial<TileLibraryOptions> = {}): Promise<TileLibrary> =>
  openTileLibrary({
    store: place.store,
    bucket,
    memoryBudgetBytes: 100_000_000,
    logger: silentLogger,
    ...options,
  });

const packs = async (): Promise<readonly PackEntry[]> =>
  (await readManifest(place.store, bucket)).manifest.packs;

async function damage(entry: PackEntry, at: number): Promise<void> {
  const ref = { bucket, key: entry.key };
  const { bytes } = await place.store.get(ref);
  bytes[at]! ^= 1;
  await place.store.put(ref, bytes);
}

/** Every tile of the library is the photo that its id names. */
async function expectTrueTiles(library: TileLibrary, size: (typeof tileSizes)[number]) {
  for (const [index, id] of library.ids.entries()) {
    const { images } = await testPhoto(Number.parseInt(id, 16));
    expect(library.segments(index, size)).toEqual(
      transcodeTile(images.jpegs[size], library.profile(size)),
    );
  }
}

const idsOf = (...numbers: number[]) => numbers.map(testId);

describe('the tile library', () => {
  it('is empty before anybody adds to it', async () => {
    const library = await open();
    expect(library).toMatchObject({ size: 0, ids: [], features: { count: 0 } });
    expect(await library.refresh()).toBe(false);
    await library.load(128);
    expect(() => library.profile(128)).toThrow('The tile library is empty');
  });

  it('gives ids, features, credits and the segments of every size', async () => {
    await addPhotos(0, 6);
    const library = await open();
    expect(library.ids).toEqual(idsOf(0, 1, 2, 3, 4, 5));
    expect(library.indexOf(testId(4))).toBe(4);
    expect(library.indexOf(testId(77))).toBeUndefined();
    expect(library.credit(testId(5))).toEqual({
      network: 'mastodon',
      handle: 'person5',
      name: 'Person 5',
      link: 'https://example.org/5',
    });
    expect(library.credit(testId(77))).toBeUndefined();
    const { images } = await testPhoto(5);
    const features = tileFeatures(images.subCells[8]);
    const { length } = features;
    expect(library.features.values.slice(5 * length)).toEqual(features);
    for (const size of tileSizes) {
      await library.load(size);
      await expectTrueTiles(library, size);
    }
  });

  it('makes features anew when packs were written for another space', async () => {
    await addPhotos(0, 4);
    const space = { subdivisions: 8, lumaWeight: 3 } as const;
    const library = await open({ space });
    const { images } = await testPhoto(0);
    const expected = tileFeatures(images.subCells[8], space);
    expect(library.features.space).toEqual(space);
    expect(library.features.values.slice(0, expected.length)).toEqual(expected);
  });

  it('wants a size to be loaded before it gives its segments', async () => {
    await addPhotos(0, 4);
    const library = await open();
    expect(() => library.segments(0, 64)).toThrow('load that size first');
    await library.load(64);
    expect(library.segments(0, 64).size).toBe(64);
    expect(() => library.segments(4, 64)).toThrow('There are 4 tiles, none with the index 4.');
  });

  it('reads only new packs when it grows', async () => {
    await addPhotos(0, 8);
    const { store, calls } = recording(place.store);
    const library = await open({ store });
    await library.load(32);
    const before = new Set((await packs()).map(({ key }) => key));
    await addPhotos(8, 12);
    calls.length = 0;
    expect(await library.refresh()).toBe(true);
    await library.load(32);
    expect(library.size).toBe(12);
    const added = (await packs()).find(({ key }) => !before.has(key))!;
    expect(calls).toEqual(['get manifest.json', `get ${added.key}`, `get ${added.key}`]);
    calls.length = 0;
    expect(await library.refresh()).toBe(false);
    await library.load(32);
    expect(calls).toEqual(['get manifest.json']);
  });

  it('never offers a removed tile', async () => {
    await addPhotos(0, 12);
    const library = await open();
    const before = library.snapshot();
    await before.load(16);
    await appender.remove(idsOf(2, 4, 5, 6, 7));
    expect(await library.refresh()).toBe(true);
    expect([...library.ids].sort()).toEqual(idsOf(0, 1, 3, 8, 9, 10, 11));
    expect(library.features.count).toBe(7);
    await library.load(16);
    await expectTrueTiles(library, 16);
    expect(before.ids).toHaveLength(12);
    expect(before.segments(11, 16)).toEqual(library.segments(library.indexOf(testId(11))!, 16));
  });

  it('leaves removed tiles out also while their pack still holds them', async () => {
    await addPhotos(0, 12);
    // The tombstones alone: what a reader sees when the erasing comes later.
    await updateManifest(place.store, bucket, (manifest) =>
      removeTiles(manifest, idsOf(2, 4, 5, 6, 7)),
    );
    const library = await open();
    expect(library.ids).toEqual(idsOf(0, 1, 3, 8, 9, 10, 11));
    await library.load(32);
    await expectTrueTiles(library, 32);
    const { images } = await testPhoto(8);
    const features = tileFeatures(images.subCells[8]);
    expect(library.features.values.slice(3 * features.length, 4 * features.length)).toEqual(
      features,
    );
  });

  it('does not look again while its last look is young enough', async () => {
    await addPhotos(0, 4);
    const library = await open({});
    await addPhotos(4, 8);
    expect(await library.refresh(60_000)).toBe(false);
    expect(library.size).toBe(4);
    expect(await library.refresh(0)).toBe(true);
    expect(library.size).toBe(8);
  });

  it('follows a merge of packs, also when it comes between refresh and load', async () => {
    const trickle = await createTileAppender({
      store: place.store,
      bucket,
      packSize: 64,
      maxWaitMs: 60_000,
      nearDuplicateBits: 6,
      logger: silentLogger,
    });
    for (const number of [0, 1, 2]) await addPhotos(number, number + 1, trickle);
    const library = await open();
    await addPhotos(3, 4, trickle);
    await trickle.close();
    await expect(library.snapshot().load(64)).rejects.toMatchObject({ code: 'tiles.pack-gone' });
    await library.load(64);
    expect([...library.ids].sort()).toEqual(idsOf(0, 1, 2, 3));
    await expectTrueTiles(library, 64);
  });

  describe('with a cache folder', () => {
    it('reads nothing but the manifest the second time', async () => {
      await addPhotos(0, 8);
      const first = await open({ cacheFolder: place.cacheFolder });
      await first.load(128);
      const { store, calls } = recording(place.store);
      const second = await open({ store, cacheFolder: place.cacheFolder });
      await second.load(128);
      expect(calls).toEqual(['get manifest.json']);
      await expectTrueTiles(second, 128);
    });

    it.each(['index', '64'])('reports a damaged file (%s) and fetches it anew', async (part) => {
      await addPhotos(0, 4);
      await (await open({ cacheFolder: place.cacheFolder })).load(64);
      const folder = join(place.cacheFolder, 'tile-packs');
      const [name] = (await readdir(folder)).filter((file) => file.endsWith(`.${part}`));
      const path = join(folder, name!);
      const good = await readFile(path);
      const bad = Uint8Array.from(good);
      bad[bad.length - 3]! ^= 1;
      await writeFile(path, bad);

      const { logger, heard } = listeningLogger();
      const library = await open({ cacheFolder: place.cacheFolder, logger });
      await library.load(64);
      expect(heard).toEqual(['a cached tile pack is damaged and is fetched anew']);
      expect(library.size).toBe(4);
      await expectTrueTiles(library, 64);
      expect(await readFile(path)).toEqual(good);
    });

    it('reads from disk what does not fit into memory', async () => {
      await addPhotos(0, 8);
      const library = await open({ cacheFolder: place.cacheFolder, memoryBudgetBytes: 20_000 });
      for (const size of tileSizes) await library.load(size);
      for (const size of tileSizes) await expectTrueTiles(library, size);
    });

    it('forgets the packs of removed photos one refresh later', async () => {
      const hashes = async () => {
        const names = await readdir(join(place.cacheFolder, 'tile-packs'));
        return [...new Set(names.map((name) => name.split('.')[0]))].sort();
      };
      const listed = async () => (await packs()).map(({ hash }) => hash).sort();
      await addPhotos(0, 8);
      const library = await open({ cacheFolder: place.cacheFolder });
      await library.load(32);
      const before = await listed();
      await appender.remove(idsOf(1));
      await library.refresh();
      expect(await hashes()).toEqual(expect.arrayContaining(before));
      await addPhotos(8, 12);
      await library.refresh();
      expect(await hashes()).toEqual(await listed());
    });

    it('says so when memory and disk are both too small', async () => {
      await addPhotos(0, 8);
      const options = { cacheFolder: place.cacheFolder, memoryBudgetBytes: 1000, cacheBytes: 1000 };
      await expect((await open(options)).load(128)).rejects.toMatchObject({
        code: 'tiles.memory-budget',
      });
    });
  });

  it('asks for another try when memory is too small and the disk cannot be written', async () => {
    await addPhotos(0, 8);
    const library = await open({ cacheFolder: place.cacheFolder, memoryBudgetBytes: 1000 });
    const folder = join(place.cacheFolder, 'tile-packs');
    await rm(folder, { recursive: true });
    await writeFile(folder, 'in the way');
    const error = await library.load(128).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: 'tiles.cache-unusable' });
    await rm(folder);
    await mkdir(folder);
    await library.load(128);
    expect(library.segments(0, 128)).toBeDefined();
  });

  it('says so when the tiles do not fit into memory and there is no cache folder', async () => {
    await addPhotos(0, 8);
    const library = await open({ memoryBudgetBytes: 1000 });
    await expect(library.load(128)).rejects.toMatchObject({
      code: 'tiles.memory-budget',
      message: expect.stringContaining('give the library a cache folder') as string,
    });
  });

  it('leaves out a pack whose index is damaged in the store, and takes it when it is mended', async () => {
    await addPhotos(0, 8);
    const [first] = await packs();
    await damage(first!, 300);
    const { logger, heard } = listeningLogger();
    const library = await open({ logger });
    expect(heard).toEqual(['tile pack left out']);
    expect(library.ids).toEqual(idsOf(4, 5, 6, 7));
    await damage(first!, 300);
    expect(await library.refresh()).toBe(true);
    expect(library.size).toBe(8);
  });

  it('leaves out a pack that is listed but gone from the store', async () => {
    await addPhotos(0, 8);
    const library = await open({ cacheFolder: place.cacheFolder });
    const [first] = await packs();
    await place.store.delete({ bucket, key: first!.key });
    await library.load(128);
    expect(library.ids).toEqual(idsOf(4, 5, 6, 7));
    await expectTrueTiles(library, 128);
  });

  it('leaves out a pack whose segments are damaged in the store', async () => {
    await addPhotos(0, 8);
    const [first] = await packs();
    await damage(first!, first!.bytes - 1);
    const { logger, heard } = listeningLogger();
    const library = await open({ logger });
    expect(library.size).toBe(8);
    await library.load(16);
    expect(heard).toEqual(['tile pack left out']);
    expect(library.ids).toEqual(idsOf(4, 5, 6, 7));
    await expectTrueTiles(library, 16);
  });
});
