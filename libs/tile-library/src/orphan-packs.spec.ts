import { silentLogger } from '@mosaicme/service';
import { packKey, packPrefix } from './keys';
import { removeOrphanPacks } from './orphan-packs';
import { testPhotos } from './testing/photos';
import { bucket, temporaryStore } from './testing/stores';
import { createTileAppender } from './tile-appender';

let place: Awaited<ReturnType<typeof temporaryStore>>;
beforeEach(async () => {
  place = await temporaryStore();
});
afterEach(() => place.remove());

const later = () => new Date(Date.now() + 60_000);
async function packs(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of place.store.list(bucket, { prefix: packPrefix })) keys.push(key);
  return keys;
}

it('removes old packs that the manifest does not list, and no other', async () => {
  const { store } = place;
  const appender = await createTileAppender({
    store,
    bucket,
    packSize: 4,
    maxWaitMs: 1,
    nearDuplicateBits: 0,
    logger: silentLogger,
  });
  const [photo] = await testPhotos(0, 1);
  await appender.add(photo!.photo, photo!.images);
  const listed = await packs();
  await store.put({ bucket, key: packKey('f'.repeat(64)) }, new Uint8Array([1]));
  expect(await removeOrphanPacks(store, bucket, new Date(Date.now() - 60_000))).toBe(0);
  expect(await removeOrphanPacks(store, bucket, later())).toBe(1);
  expect(await packs()).toEqual(listed);
  await appender.close();
});

it('removes nothing where the manifest cannot be read', async () => {
  const { store } = place;
  await store.put({ bucket, key: packKey('f'.repeat(64)) }, new Uint8Array([1]));
  await store.put({ bucket, key: 'manifest.json' }, new Uint8Array([1]));
  await expect(removeOrphanPacks(store, bucket, later())).rejects.toMatchObject({
    code: 'manifest.damaged',
  });
  expect(await packs()).toHaveLength(1);
});
