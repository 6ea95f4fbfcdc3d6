import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskCache } from './disk-cache';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ten = (value: number) => new Uint8Array(10).fill(value);

describe('the disk cache', () => {
  it('gives back what it was given, also to the next process', async () => {
    await (await openDiskCache(folder, 100)).write('a', ten(1));
    const cache = await openDiskCache(folder, 100);
    expect(cache.has('a')).toBe(true);
    expect(new Uint8Array((await cache.read('a'))!)).toEqual(ten(1));
    expect(await cache.read('b')).toBeUndefined();
  });

  it('lets go of what was used longest ago', async () => {
    const cache = await openDiskCache(folder, 30);
    await cache.write('a', ten(1));
    await cache.write('b', ten(2));
    await cache.write('c', ten(3));
    await cache.read('a');
    await cache.write('d', ten(4));
    expect((await readdir(folder)).sort()).toEqual(['a', 'c', 'd']);
    expect(cache.has('b')).toBe(false);
  });

  it('keeps its limit when a file is written again', async () => {
    const cache = await openDiskCache(folder, 20);
    for (const value of [1, 2, 3]) await cache.write('a', ten(value));
    await cache.write('b', ten(4));
    expect((await readdir(folder)).sort()).toEqual(['a', 'b']);
  });

  it('does not keep what is larger than the limit', async () => {
    const cache = await openDiskCache(folder, 9);
    await cache.write('a', ten(1));
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes what a crash left behind, and what is over a smaller limit', async () => {
    await writeFile(join(folder, 'x.partial-1'), 'half');
    const cache = await openDiskCache(folder, 100);
    await cache.write('old', ten(1));
    await cache.write('new', ten(2));
    await utimes(join(folder, 'old'), 1, 1);
    await openDiskCache(folder, 15);
    expect(await readdir(folder)).toEqual(['new']);
  });

  it('survives that somebody removes its files', async () => {
    const cache = await openDiskCache(folder, 100);
    await cache.write('a', ten(1));
    await rm(join(folder, 'a'));
    expect(await cache.read('a')).toBeUndefined();
    expect(cache.has('a')).toBe(false);
  });
});
