import { TransientError } from '@mosaicme/errors';
import { PreconditionFailed, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { decodePackIndex, removeTiles } from '@mosaicme/tile-pack';
import { manifestKey } from './keys';
import { readManifest, updateManifest } from './manifest-store';
import { nearDuplicateOf, testId, testPhoto, testPhotos, type TestPhoto } from './testing/photos';
import { bucket, listeningLogger, recording, temporaryStore } from './testing/stores';
import { createTileAppender, type TileAppender, type TileAppenderOptions } from './tile-appender';
import { openTileLibrary } from './tile-library';

let place: Awaited<ReturnType<typeof temporaryStore>>;
const appenders: TileAppender[] = [];
beforeEach(async () => {
  place = await temporaryStore();
});
afterEach(async () => {
  await Promise.all(appenders.splice(0).map((appender) => appender.close()));
  await place.remove();
});

async function openAppender(options: Partial<TileAppenderOptions> = {}): Promise<TileAppender> {
  const appender = await createTileAppender({
    store: place.store,
    bucket,
    packSize: 4,
    maxWaitMs: 60_000,
    nearDuplicateBits: 6,
    logger: silentLogger,
    ...options,
  });
  appenders.push(appender);
  return appender;
}

const addAll = (appender: TileAppender, photos: readonly TestPhoto[]) =>
  Promise.all(photos.map(({ photo, images }) => appender.add(photo, images)));

/** The ids in all listed packs, sorted, repeated where they stand twice. */
async function listedIds(): Promise<string[]> {
  const { manifest } = await readManifest(place.store, bucket);
  const packs = await Promise.all(
    manifest.packs.map(async ({ key }) => {
      const { bytes } = await place.store.get({ bucket, key });
      return decodePackIndex(bytes, key).ids;
    }),
  );
  return packs.flat().sort();
}

async function packKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of place.store.list(bucket, { prefix: 'packs/' })) keys.push(key);
  return keys;
}

/** A store whose writes of the manifest go through `write`. */
const withManifestWrites = (store: ObjectStore, write: ObjectStore['put']): ObjectStore => ({
  ...store,
  put: (ref, body, options) =>
    ref.key === manifestKey ? write(ref, body, options) : store.put(ref, body, options),
});

describe('the tile appender', () => {
  it('resolves once pack and manifest are stored, in this order', async () => {
    const { store, calls } = recording(place.store);
    const appender = await openAppender({ store });
    const photos = await testPhotos(0, 4);
    calls.length = 0;
    const outcomes = await addAll(appender, photos);
    const puts = calls.filter((call) => call.startsWith('put'));
    expect(outcomes).toEqual(['added', 'added', 'added', 'added']);
    expect(puts).toEqual([
      expect.stringMatching(/^put packs\/[0-9a-f]{64}\.mmtp$/),
      'put manifest.json',
    ]);
    expect(await listedIds()).toEqual([0, 1, 2, 3].map(testId));
  });

  it('lets a tile wait for others, but not for ever', async () => {
    const { store, calls } = recording(place.store);
    const patient = await openAppender({ store });
    const { photo, images } = await testPhoto(0);
    const waiting = patient.add(photo, images);
    expect(calls.filter((call) => call.startsWith('put'))).toEqual([]);
    await patient.flush();
    expect(await waiting).toBe('added');

    const hasty = await openAppender({ maxWaitMs: 1 });
    const other = await testPhoto(1);
    expect(await hasty.add(other.photo, other.images)).toBe('added');
  });

  it('writes what waits before it closes', async () => {
    const appender = await openAppender();
    const { photo, images } = await testPhoto(0);
    const outcome = appender.add(photo, images);
    await appender.close();
    expect(await outcome).toBe('added');
    await expect(appender.add(photo, images)).rejects.toBeInstanceOf(TransientError);
  });

  it('takes a photo once, however often it is delivered', async () => {
    const appender = await openAppender();
    const [first] = await testPhotos(0, 1);
    const outcomes = addAll(appender, [first!, first!]);
    await appender.flush();
    expect(await outcomes).toEqual(['added', 'duplicate']);
    expect(await addAll(appender, [first!])).toEqual(['duplicate']);
    expect(await addAll(await openAppender(), [first!])).toEqual(['duplicate']);
    expect(appender.has(testId(0))).toBe(true);
    expect(appender.has(testId(1))).toBe(false);
    expect(await listedIds()).toEqual([testId(0)]);
  });

  it('refuses what looks like a tile of the library or like one that waits', async () => {
    const appender = await openAppender();
    const original = await testPhoto(0);
    const outcomes = addAll(appender, [original, await nearDuplicateOf(0, testId(90))]);
    await appender.flush();
    expect(await outcomes).toEqual(['added', 'near-duplicate']);
    expect(await addAll(appender, [await nearDuplicateOf(0, testId(91))])).toEqual([
      'near-duplicate',
    ]);
  });

  it('does not bring back what was removed, and lets its likeness in again', async () => {
    const appender = await openAppender();
    const removed = await testPhoto(0);
    const outcome = addAll(appender, [removed]);
    await appender.flush();
    await outcome;
    await appender.remove([removed.photo.id, testId(55)]);
    expect(await addAll(appender, [removed])).toEqual(['removed']);
    expect(await addAll(await openAppender(), [removed])).toEqual(['removed']);
    const likeness = addAll(appender, [await nearDuplicateOf(0, testId(92))]);
    await appender.flush();
    expect(await likeness).toEqual(['added']);
  });

  it('erases removed tiles from the store, pack by pack', async () => {
    const appender = await openAppender();
    await addAll(appender, await testPhotos(0, 12));
    const before = (await readManifest(place.store, bucket)).manifest.packs;
    await appender.remove([1, 4, 5, 6, 7].map(testId));
    const after = (await readManifest(place.store, bucket)).manifest.packs;
    expect(await listedIds()).toEqual([0, 2, 3, 8, 9, 10, 11].map(testId));
    expect((await packKeys()).sort()).toEqual(after.map(({ key }) => key).sort());
    expect(after).toHaveLength(2);
    expect(after[0]).toEqual(before[2]);
    await appender.remove([1, 4].map(testId));
    expect((await readManifest(place.store, bucket)).manifest.packs).toEqual(after);
  });

  it('does not let a photo in that is removed while it waits', async () => {
    const appender = await openAppender();
    const outcome = addAll(appender, await testPhotos(0, 1));
    await appender.remove([testId(0)]);
    await appender.flush();
    expect(await outcome).toEqual(['removed']);
    expect(await packKeys()).toEqual([]);
  });

  it('loses nothing and doubles nothing beside another appender', async () => {
    const [one, two] = [await openAppender({ packSize: 3 }), await openAppender({ packSize: 3 })];
    const [first, second] = [await testPhotos(0, 12), await testPhotos(6, 18)];
    const outcomes = Promise.all([addAll(one, first), addAll(two, second)]);
    await Promise.all([one.flush(), two.flush()]);
    const [byOne, byTwo] = await outcomes;
    expect(await listedIds()).toEqual(Array.from({ length: 18 }, (_, number) => testId(number)));
    expect([...byOne.slice(0, 6), ...byTwo.slice(6)]).toEqual(Array<string>(12).fill('added'));
    // Of a shared photo both may say 'added': when both wrote the very same pack, it is one pack.
    for (let shared = 0; shared < 6; shared++) {
      const outcomes = [byOne[shared + 6], byTwo[shared]];
      expect(outcomes).toContain('added');
      expect(outcomes.every((outcome) => outcome === 'added' || outcome === 'duplicate')).toBe(
        true,
      );
    }
  });

  it('adds nothing when it dies between pack and manifest, and everything when repeated', async () => {
    let broken = true;
    const store = withManifestWrites(place.store, async (ref, body, options) => {
      if (broken) throw new TransientError('test', 'the connection is gone');
      return place.store.put(ref, body, options);
    });
    const appender = await openAppender({ store });
    const photos = await testPhotos(0, 4);
    const twin = await nearDuplicateOf(0, testId(93));
    const outcomes = await Promise.allSettled(
      [...photos, twin].map(({ photo, images }) => appender.add(photo, images)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(Array<string>(5).fill('rejected'));
    expect(await packKeys()).toHaveLength(1);
    const options = { store: place.store, bucket, memoryBudgetBytes: 1e8, logger: silentLogger };
    expect((await openTileLibrary(options)).size).toBe(0);

    broken = false;
    expect(await addAll(appender, photos)).toEqual(Array<string>(4).fill('added'));
    expect(await listedIds()).toEqual([0, 1, 2, 3].map(testId));
  });

  it('knows its own pack when the answer of the store was lost', async () => {
    let lost = false;
    const store = withManifestWrites(place.store, async (ref, body, options) => {
      const result = await place.store.put(ref, body, options);
      if (lost) return result;
      lost = true;
      throw new PreconditionFailed(ref);
    });
    const appender = await openAppender({ store });
    expect(await addAll(appender, await testPhotos(0, 4))).toEqual(Array<string>(4).fill('added'));
    expect(await listedIds()).toEqual([0, 1, 2, 3].map(testId));
  });

  it('merges small packs, leaves out removed tiles, and deletes what was replaced', async () => {
    const appender = await openAppender({ packSize: 64 });
    for (const photo of await testPhotos(0, 3)) {
      const outcome = addAll(appender, [photo]);
      await appender.flush();
      await outcome;
    }
    // The tombstone alone, as from an appender that died before it erased the tile.
    await updateManifest(place.store, bucket, (manifest) => removeTiles(manifest, [testId(1)]));
    expect(await packKeys()).toHaveLength(3);
    const outcome = addAll(appender, await testPhotos(3, 4));
    await appender.flush();
    expect(await outcome).toEqual(['added']);
    expect(await packKeys()).toHaveLength(1);
    expect(await listedIds()).toEqual([0, 2, 3].map(testId));
    expect(await addAll(appender, await testPhotos(0, 4))).toEqual([
      'duplicate',
      'removed',
      'duplicate',
      'duplicate',
    ]);
  });

  it('goes on when a pack of the library is damaged', async () => {
    const first = await openAppender();
    await addAll(first, await testPhotos(0, 4));
    const [key] = await packKeys();
    const { bytes } = await place.store.get({ bucket, key: key! });
    bytes[300]! ^= 1;
    await place.store.put({ bucket, key: key! }, bytes);
    const { logger, heard } = listeningLogger();
    const second = await openAppender({ logger });
    expect(heard).toContain('tile pack left out');
    expect(await addAll(second, await testPhotos(4, 8))).toEqual(Array<string>(4).fill('added'));
  });
});
