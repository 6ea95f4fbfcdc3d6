import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore } from './folder/folder-store';
import { withKeyPrefix } from './key-prefix';
import type { ObjectStore } from './port';

const bucket = 'tiles';
const bytes = Uint8Array.of(1, 2, 3);

let folder: string;
let store: ObjectStore;
let below: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prefix-'));
  store = createFolderStore({ root: folder });
  for (const name of [bucket, 'other']) await store.ensureBucket(name);
  below = withKeyPrefix(store, bucket, 'libraries/expo/');
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const keysIn = async (from: ObjectStore, options = {}) => {
  const keys: string[] = [];
  for await (const { key } of from.list(bucket, options)) keys.push(key);
  return keys;
};

it('keeps its objects under the prefix and shows them without it', async () => {
  await below.put({ bucket, key: 'packs/a' }, bytes);
  await store.put({ bucket, key: 'packs/b' }, bytes);
  expect(await keysIn(store)).toEqual(['libraries/expo/packs/a', 'packs/b']);
  expect(await keysIn(below)).toEqual(['packs/a']);
  expect(await below.get({ bucket, key: 'packs/a' })).toMatchObject({ key: 'packs/a', bytes });
  expect(await below.head({ bucket, key: 'packs/b' })).toBeUndefined();
});

it('lists by prefix and from a key on', async () => {
  for (const key of ['a/1', 'a/2', 'b/1']) await below.put({ bucket, key }, bytes);
  expect(await keysIn(below, { prefix: 'a/', after: 'a/1' })).toEqual(['a/2']);
});

it('keeps conditional writes, copies and deletions inside', async () => {
  const ref = { bucket, key: 'manifest.json' };
  await store.put(ref, bytes);
  await below.put(ref, bytes, { only: { absent: true } });
  await below.copy(ref, { bucket, key: 'copy' });
  await below.delete(ref);
  expect(await keysIn(store)).toEqual(['libraries/expo/copy', 'manifest.json']);
});

it('leaves other buckets alone', async () => {
  await below.put({ bucket: 'other', key: 'x' }, bytes);
  expect(await store.head({ bucket: 'other', key: 'x' })).toBeDefined();
});

it('stays open for the store below', async () => {
  await below.close();
  await store.put({ bucket, key: 'x' }, bytes);
});
