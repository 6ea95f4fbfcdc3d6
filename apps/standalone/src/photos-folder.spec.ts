import { defaultBucketNames, objectKeys, type MosaicmeEvent } from '@mosaicme/contracts';
import { createFolderStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { watchPhotosFolder } from './photos-folder';

let root: string;
let photos: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mosaicme-photos-'));
  photos = join(root, 'photos');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** How a JPEG begins; what follows does not matter here. */
const photoOf = (content: string) => Buffer.from(`\xff\xd8\xff${content}`, 'latin1');

/** A photo that was put there a minute ago. */
async function putPhoto(name: string, content: string | Buffer = photoOf(name)): Promise<void> {
  const path = join(photos, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const aMinuteAgo = new Date(Date.now() - 60_000);
  await utimes(path, aMinuteAgo, aMinuteAgo);
}

/** Watches the folder until so many photos were announced. */
async function watchUntil(count: number, more?: () => Promise<void>): Promise<string[]> {
  const keys = objectKeys(defaultBucketNames);
  const store = createFolderStore({ root: join(root, 'objects') });
  for (const bucket of [defaultBucketNames.raw, defaultBucketNames.in]) {
    await store.ensureBucket(bucket);
  }
  const announced: string[] = [];
  let enough = (): void => undefined;
  const done = new Promise<void>((resolve) => (enough = resolve));
  const publish = async (event: MosaicmeEvent): Promise<void> => {
    if (event.type === 'photo.collected.v1') announced.push(event.data.photo.postId);
    if (announced.length >= count) enough();
  };
  const watch = watchPhotosFolder(
    photos,
    { app: 'standalone', store, keys, messaging: { publish }, logger: silentLogger },
    { lookEveryMs: 10, settledAfterMs: 1_000 },
  );
  if (count === 0) enough();
  await more?.();
  await done;
  await watch.close();
  await store.close();
  return announced.map((postId) => postId.split(':')[0] ?? '').sort();
}

it('takes the photos of the folder and of those in it, and nothing else', async () => {
  for (const name of ['b.jpg', 'deep/er/a.PNG', 'IMG_1', '.hidden/c.jpg']) await putPhoto(name);
  await putPhoto('notes.txt', 'a text');
  await putPhoto('page.jpg', '<html></html>');
  expect(await watchUntil(3)).toEqual(['IMG_1', 'b.jpg', 'deep/er/a.PNG']);
});

it('takes photos that come later, also into a folder that was not there', async () => {
  expect(await watchUntil(1, () => putPhoto('late.webp'))).toEqual(['late.webp']);
});

it('takes no photo twice after a restart, but takes a changed one', async () => {
  await putPhoto('a.jpg');
  await putPhoto('b.jpg');
  await watchUntil(2);
  await putPhoto('b.jpg', photoOf('another picture'));
  expect(await watchUntil(1)).toEqual(['b.jpg']);
});

it('leaves a file alone that may still be written', async () => {
  await putPhoto('old.jpg');
  await writeFile(join(photos, 'new.jpg'), 'half of it');
  expect(await watchUntil(1)).toEqual(['old.jpg']);
});
