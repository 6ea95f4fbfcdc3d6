import { photoKinds } from '@mosaicme/imaging/testing';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderImageLimits, indexFolder, openFolderIndex } from './index-folder';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-index-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function indexOnce(options: Partial<Parameters<typeof indexFolder>[2]> = {}) {
  const index = await openFolderIndex(folder, undefined, options.tile);
  try {
    const report = await indexFolder(folder, index, { nearDuplicateBits: 0, ...options });
    const library = await openTileLibrary({
      ...index,
      memoryBudgetBytes: 0,
      logger: silentLogger,
    });
    const handles = library.ids.map((id) => library.credit(id)?.handle);
    await library.close();
    return { ...report, handles };
  } finally {
    await index.store.close();
  }
}

const put = async (kinds: typeof photoKinds) => {
  for (const { file, make } of kinds) await writeFile(join(folder, file), await make());
};

it('indexes every kind of photo and names every other file with its reason', async () => {
  await put(photoKinds);
  const usable = photoKinds.filter(({ refused, trustedOnly }) => !refused || trustedOnly);
  const { refused, added, nearDuplicates, photos } = await indexOnce();
  expect(refused.map(({ file }) => file).sort()).toEqual(
    photoKinds
      .filter((kind) => !usable.includes(kind))
      .map(({ file }) => file)
      .sort(),
  );
  expect(added + nearDuplicates).toBe(usable.length);
  expect(photos).toBe(photoKinds.length - 5);
  for (const { reason } of refused) expect(reason).not.toMatch(/vips|header|unknown/i);
}, 60_000);

it('tells the option that changes a limit', async () => {
  await put(photoKinds.filter(({ file }) => ['bomb.png', 'pixel.png'].includes(file)));
  const { refused } = await indexOnce();
  expect(refused.map(({ reason }) => reason)).toEqual([
    'The picture has 30000 x 30000 pixels, the limit is 52000000 in all; send it smaller. Or change the limit with --max-megapixels.',
    'The picture has 1 x 1 pixels; each side needs at least 8. Or change the limit with --min-side.',
  ]);
});

it('takes the smallest pictures when they are asked for', async () => {
  await put(photoKinds.filter(({ file }) => file === 'pixel.png'));
  expect((await indexOnce({ limits: { ...folderImageLimits, minSide: 1 } })).added).toBe(1);
});

it('does not read large films', async () => {
  await put(photoKinds.filter(({ file }) => file === 'film.mp4'));
  await truncate(join(folder, 'film.mp4'), 8_000_000_000);
  expect((await indexOnce()).refused).toEqual([
    { file: 'film.mp4', reason: expect.stringContaining('MP4 video') as string },
  ]);
});

it('names circles of links', async () => {
  await symlink(folder, join(folder, 'again'));
  expect((await indexOnce()).refused).toEqual([
    { file: 'again', reason: expect.stringContaining('leads back') as string },
  ]);
});

it('makes tiles anew when they are cut differently', async () => {
  await put(photoKinds.filter(({ file }) => file === 'panorama.jpg'));
  expect((await indexOnce()).added).toBe(1);
  expect((await indexOnce()).added).toBe(0);
  expect((await indexOnce({ tile: { crop: 'centre' } })).added).toBe(1);
  expect((await indexOnce()).added).toBe(0);
});
