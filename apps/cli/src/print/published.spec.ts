import { defaultBucketNames, drawingRefs, objectKeys } from '@mosaicme/contracts';
import { makeTile } from '@mosaicme/imaging';
import { encodeRecipe, uniformCells, type Recipe } from '@mosaicme/mosaic';
import { createFolderStore, writeRecord, type ObjectStore } from '@mosaicme/object-store';
import { readPdf } from '@mosaicme/print/testing';
import { mosaicRecordSchema } from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { createTileAppender, libraryStore } from '@mosaicme/tile-library';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { runProgram } from '../program';
import { photo } from '../testing/photos';

const id = 'ab'.repeat(16);
const tileIds = [0, 1, 2].map((tile) => tile.toString(16).padStart(32, '0'));
const buckets = defaultBucketNames;
let folder: string;
let out: string;
let store: ObjectStore;
let said: string[];

const recipe: Recipe = {
  layout: uniformCells({ columns: 3, rows: 2, tileSize: 16 }),
  options: { repeatDistance: 0, useAll: false, mirror: false, colourShift: 20, seed: 1 },
  tileIds,
  tiles: Uint32Array.of(0, 1, 2, 2, 1, 0),
  mirrored: new Uint8Array(6),
  shifts: Int8Array.from({ length: 18 }, (_, at) => at),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-published-'));
  out = join(folder, 'print.pdf');
  store = createFolderStore({ root: join(folder, 'objects') });
  for (const bucket of Object.values(buckets)) await store.ensureBucket(bucket);
  const appender = await createTileAppender({
    store: libraryStore(store, buckets.tiles, 'expo'),
    bucket: buckets.tiles,
    packSize: 16,
    maxWaitMs: 0,
    nearDuplicateBits: 0,
    logger: silentLogger,
  });
  for (const [index, tile] of tileIds.slice(0, 2).entries()) {
    const images = await makeTile(await photo(index).jpeg().toBuffer());
    await appender.add({ id: tile, network: 'web', author: { handle: 'ann' } }, images);
  }
  await appender.close();

  const refs = drawingRefs(buckets, { campaign: 'expo', id, revision: '0'.repeat(16) });
  await store.put(refs.recipe, encodeRecipe(recipe), { contentType: 'application/octet-stream' });
  const now = new Date(0).toISOString();
  await writeRecord(store, objectKeys(buckets).mosaicRecord(id), mosaicRecordSchema, {
    id,
    campaign: 'expo',
    photo: {
      id: tileIds[0]!,
      network: 'web',
      instance: 'web',
      postId: '1',
      mediaIndex: 0,
      author: { handle: 'ann' },
      postedAt: now,
    },
    answerable: false,
    revision: '0'.repeat(16),
    ...refs,
    library: 'expo',
    size: { width: 48, height: 32 },
    grid: { columns: 3, rows: 2, tileSize: 16 },
    distinctTiles: 3,
    requestedAt: now,
    publishedAt: now,
  });
});
beforeEach(() => {
  said = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const print = (source: string, ...more: string[]) =>
  runProgram(['print', source, '--data', folder, '--out', out, ...more]);

it('prints a published mosaic by its id, from the library of its campaign', async () => {
  expect(await print(id, '--paper', 'A6', '--dpi', '50')).toBe(0);
  const { pictures } = await readPdf(await readFile(out));
  const { width, height } = await sharp(pictures[0], { failOn: 'warning' }).metadata();
  expect({ width, height }).toEqual({ width: 384, height: 256 });
});

it('prints its stickers; one whose photo was withdrawn is plain', async () => {
  expect(await print(id, '--cells', 'B1', 'C1', '--dpi', '10')).toBe(0);
  const { pictures } = await readPdf(await readFile(out));
  const deviations = await Promise.all(
    pictures.map(async (jpeg) => (await sharp(jpeg).stats()).channels[0]!.stdev),
  );
  expect(deviations[0]).toBeGreaterThan(1);
  expect(deviations[1]).toBe(0);
});

it('says that a mosaic is not published', async () => {
  expect(await print('cd'.repeat(16))).toBe(1);
  expect(said.join('\n')).toMatch(/No mosaic with the id cdcd.* is published/);
});

it('names the variables of the store where none is known', async () => {
  expect(await runProgram(['print', id, '--out', out])).toBe(78);
  expect(said.join('\n')).toContain('S3_HOST');
});
