import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeObjectStore } from '../conformance';
import { PreconditionFailed } from '../port';
import { createFolderStore } from './folder-store';

const roots: string[] = [];

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'folder-store-'));
  roots.push(root);
  return root;
}

afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describeObjectStore('folder store', async () => createFolderStore({ root: await newRoot() }));

describe('folder store on disk', () => {
  const ref = { bucket: 'photos', key: 'a/b.jpg' };

  it('keeps everything for the next process', async () => {
    const root = await newRoot();
    const first = createFolderStore({ root });
    await first.ensureBucket(ref.bucket);
    const { etag } = await first.put(ref, bytesOf('hello'), { contentType: 'image/jpeg' });
    await first.close();
    const second = createFolderStore({ root });
    expect(await second.get(ref)).toMatchObject({ etag, size: 5, contentType: 'image/jpeg' });
  });

  it('keeps a content type of any length', async () => {
    const store = createFolderStore({ root: await newRoot() });
    await store.ensureBucket(ref.bucket);
    const contentType = `text/plain; note="${'x'.repeat(1_000)}"`;
    await store.put(ref, bytesOf('hello'), { contentType });
    expect(await store.get(ref)).toMatchObject({ size: 5, contentType });
  });

  it('names files after keys, with the bytes first, so that a person finds and opens them', async () => {
    const root = await newRoot();
    const store = createFolderStore({ root });
    await store.ensureBucket(ref.bucket);
    await store.put(ref, bytesOf('hello'));
    const file = await readFile(join(root, 'photos', 'a+', 'b.jpg'), 'utf8');
    expect(file.startsWith('hello{')).toBe(true);
  });

  it('never leaves its folder', async () => {
    const parent = await newRoot();
    const store = createFolderStore({ root: join(parent, 'store') });
    await store.ensureBucket('photos');
    for (const key of ['../../out', '/etc/out', '..\\..\\out', '../..', '..']) {
      await store.put({ bucket: 'photos', key }, bytesOf(key));
    }
    expect(await readdir(parent)).toEqual(['store']);
    expect((await readdir(join(parent, 'store'))).sort()).toEqual(['.temporary', 'photos']);
  });

  it('keeps keys apart on file systems that ignore case or change Unicode forms', async () => {
    const root = await newRoot();
    const store = createFolderStore({ root });
    await store.ensureBucket('photos');
    for (const key of ['Photo', 'photo', '\u00e9', 'e\u0301']) {
      await store.put({ bucket: 'photos', key }, bytesOf(key));
    }
    const names = (await readdir(join(root, 'photos'))).map((name) =>
      name.normalize('NFC').toLowerCase(),
    );
    expect(new Set(names).size).toBe(4);
  });

  it('leaves no temporary file after a failed write', async () => {
    const root = await newRoot();
    const store = createFolderStore({ root });
    await store.ensureBucket(ref.bucket);
    await store.put(ref, bytesOf('x'));
    await expect(store.put(ref, bytesOf('y'), { only: { absent: true } })).rejects.toThrow(
      PreconditionFailed,
    );
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytesOf('half');
      throw new Error('broken');
    }
    await expect(store.putStream(ref, failing())).rejects.toThrow('broken');
    await expect(store.copy({ ...ref, key: 'none' }, ref)).rejects.toThrow();
    expect(await readdir(join(root, '.temporary'))).toEqual([]);
  });

  it('removes at its start what a crashed process left, and nothing of a living one', async () => {
    const root = await newRoot();
    await createFolderStore({ root }).ping();
    const folder = join(root, '.temporary');
    const ended = spawnSync(process.execPath, ['--version']).pid;
    const living = `${process.ppid}-0123456789ab-1`;
    // Every container's first process has the same id: the mark tells them apart.
    const sameId = `${process.pid}-0123456789ab-1`;
    for (const name of [`${ended}-0123456789ab-7`, living, sameId]) {
      await writeFile(join(folder, name), 'half an object');
    }
    await createFolderStore({ root }).ping();
    expect(await readdir(folder)).toEqual([living]);
  });

  it('removes folders that became empty', async () => {
    const root = await newRoot();
    const store = createFolderStore({ root });
    await store.ensureBucket(ref.bucket);
    await store.put(ref, bytesOf('x'));
    await store.delete(ref);
    expect(await readdir(join(root, 'photos'))).toEqual([]);
  });

  it('skips files that it did not name, and says so about one that it did not write', async () => {
    const root = await newRoot();
    const store = createFolderStore({ root });
    await store.ensureBucket('photos');
    await writeFile(join(root, 'photos', '.DS_Store'), 'x');
    await writeFile(join(root, 'photos', 'Thumbs.db'), 'x');
    expect((await store.list('photos')[Symbol.asyncIterator]().next()).done).toBe(true);
    await writeFile(join(root, 'photos', 'foreign'), 'x'.repeat(5_000));
    await expect(store.get({ bucket: 'photos', key: 'foreign' })).rejects.toThrow(
      /foreign.*Remove it/,
    );
  });

  it('is exact between two stores on one folder', async () => {
    const root = await newRoot();
    const stores = [createFolderStore({ root }), createFolderStore({ root })];
    await stores[0]?.ensureBucket(ref.bucket);
    const first = await stores[0]?.put(ref, bytesOf('0'));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        stores[n % 2]?.put(ref, bytesOf(`writer ${n}`), { only: { etag: first?.etag ?? '' } }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('says which folder does not work', async () => {
    const root = join(await newRoot(), 'file');
    await writeFile(root, 'a file where a folder should be');
    await expect(
      createFolderStore({ root: join(root, randomUUID()) }).ping(),
    ).rejects.toMatchObject({
      name: 'TransientError',
      code: 'object-store.unavailable',
      message: expect.stringContaining(root),
    });
  });
});
