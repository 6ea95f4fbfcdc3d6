import { makeTile } from '@mosaicme/imaging';
import { silentLogger } from '@mosaicme/service';
import sharp, { type Sharp } from 'sharp';
import { testId, testPhoto, type TestPhoto } from './testing/photos';
import { bucket, temporaryStore } from './testing/stores';
import { createTileAppender } from './tile-appender';
import { openTileLibrary } from './tile-library';

let place: Awaited<ReturnType<typeof temporaryStore>>;
beforeEach(async () => {
  place = await temporaryStore();
});
afterEach(() => place.remove());

/** The photo of a tile, changed. */
async function variantOf(
  { images, photo }: TestPhoto,
  id: number,
  change: (picture: Sharp) => Sharp,
): Promise<TestPhoto> {
  const changed = await change(sharp(images.jpegs[128])).png().toBuffer();
  return { photo: { ...photo, id: testId(id) }, images: await makeTile(changed) };
}

const mirror = (picture: Sharp) => picture.flop();
const cut = (picture: Sharp) => picture.extract({ left: 10, top: 10, width: 108, height: 108 });

/** Adds these photos, each list in a pack of its own, and reads the scenes by the photos' ids. */
async function scenesOf(...packs: readonly TestPhoto[][]) {
  const options = { store: place.store, bucket, logger: silentLogger };
  for (const photos of packs) {
    // A new appender knows only what it reads from the store.
    const appender = await createTileAppender({
      ...options,
      maxWaitMs: 60_000,
      nearDuplicateBits: 0,
    });
    const added = photos.map(({ photo, images }) => appender.add(photo, images));
    await appender.close();
    expect(await Promise.all(added)).toEqual(photos.map(() => 'added'));
  }
  const library = await openTileLibrary({ ...options, memoryBudgetBytes: 0 });
  const { scenes, ids } = library.snapshot();
  await library.close();
  return (id: number) => scenes[ids.indexOf(testId(id))];
}

it('counts a photo, its mirror image and its crop as one scene, others as others', async () => {
  const first = await testPhoto(1);
  const scene = await scenesOf([
    first,
    await variantOf(first, 101, mirror),
    await testPhoto(2),
    await variantOf(first, 102, cut),
  ]);
  expect(scene(101)).toBe(scene(1));
  expect(scene(102)).toBe(scene(1));
  expect(scene(2)).not.toBe(scene(1));
});

it('recognises the scene of a photo that came long before', async () => {
  const first = await testPhoto(1);
  const scene = await scenesOf(
    [first, await testPhoto(2)],
    [await testPhoto(3)],
    [await variantOf(first, 101, (picture) => cut(picture).flop())],
  );
  expect(scene(101)).toBe(scene(1));
  expect(new Set([scene(1), scene(2), scene(3)]).size).toBe(3);
});
