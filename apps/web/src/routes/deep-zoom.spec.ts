import { defaultBucketNames } from '@mosaicme/contracts';
import { silentLogger } from '@mosaicme/service';
import { openTileReader } from '@mosaicme/tile-library';
import sharp from 'sharp';
import { addTilePhotos, publishDrawn } from '../testing/drawn-mosaic';
import {
  drawingPathOf,
  idOf,
  mosaicOf,
  publicUrl,
  startSite,
  type TestSite,
} from '../testing/site';

// 20 x 15 cells: 10,240 x 7,680 px at the deepest level, which is level 14.
const path = drawingPathOf('a');
const tile = `${path}/deepzoom_files/11/1_1.jpg`;

let site: TestSite;
beforeEach(async () => {
  site = await startSite();
  await addTilePhotos(site);
  await publishDrawn(site, 'a');
});
afterEach(() => site.close());

const sizeOf = async (response: Response) => {
  const { width, height } = await sharp(await response.arrayBuffer(), {
    failOn: 'warning',
  }).metadata();
  return [width, height];
};

it('describes the mosaic as a Deep Zoom Image', async () => {
  const response = await site.get(`${path}/deepzoom.dzi`);
  expect(response.headers.get('content-type')).toContain('application/xml');
  expect(await response.text()).toContain('<Size Width="10240" Height="7680"/>');
});

it.each([
  [14, '0_0', 512, 512],
  [14, '19_14', 512, 512],
  [11, '1_1', 512, 448],
  [11, '2_1', 256, 448],
  [8, '0_0', 160, 120],
  [0, '0_0', 1, 1],
])('draws tile %i/%s', async (level, place, width, height) => {
  const response = await site.get(`${path}/deepzoom_files/${level}/${place}.jpg`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('image/jpeg');
  expect(await sizeOf(response)).toEqual([width, height]);
});

it('lets tiles be kept, by a strong validator, and shown by any origin', async () => {
  const first = await site.get(tile);
  const etag = first.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  expect(first.headers.get('cache-control')).toContain('immutable');
  expect(first.headers.get('access-control-allow-origin')).toBe('*');
  expect(first.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  const again = await site.get(tile, { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
  expect(again.status).toBe(304);
});

it('draws the same bytes in another process', async () => {
  const bytes = Buffer.from(await (await site.get(tile)).arrayBuffer());
  const { store, catalogue } = site;
  const tiles = openTileReader({
    ...{ store, bucket: defaultBucketNames.tiles, memoryBudgetBytes: 1, logger: silentLogger },
  });
  const other = await startSite({}, { store, catalogue, tiles: () => tiles });
  const same = await other.get(tile);
  expect(Buffer.from(await same.arrayBuffer()).equals(bytes)).toBe(true);
  await other.close();
});

it.each([
  ['a level too deep', '15/0_0.jpg'],
  ['a column too far', '14/20_0.jpg'],
  ['a negative row', '14/0_-1.jpg'],
  ['another format', '14/0_0.png'],
  ['no numbers', 'a/b_c.jpg'],
])('has nothing at %s', async (_, place) => {
  expect((await site.get(`${path}/deepzoom_files/${place}`)).status).toBe(404);
});

it('draws nothing that no record makes public', async () => {
  await site.catalogue.remove(idOf('a'));
  const { id } = mosaicOf('a');
  await site.store.delete({ bucket: defaultBucketNames.outSmall, key: `mosaics/${id}.json` });
  expect((await site.get(tile)).status).toBe(404);
});

it('draws the current revision only', async () => {
  await site.catalogue.addMosaic({ ...mosaicOf('a'), revision: '0123456789abcdef' });
  expect((await site.get(tile)).status).toBe(404);
});

it('answers for an image service of IIIF', async () => {
  const response = await site.get(`${path}/iiif/info.json`);
  expect(response.headers.get('content-type')).toContain('application/ld+json');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(await response.json()).toMatchObject({
    id: `${publicUrl}${path}/iiif`,
    width: 10_240,
    height: 7_680,
  });
  expect((await site.get(`${path}/iiif`)).headers.get('location')).toBe(`${path}/iiif/info.json`);
});

it('serves the tiles and sizes of info.json', async () => {
  const tileOf = (region: string, size: string) =>
    site.get(`${path}/iiif/${region}/${size}/0/default.jpg`);
  expect(await sizeOf(await tileOf('0,0,4096,4096', '512,512'))).toEqual([512, 512]);
  expect(await sizeOf(await tileOf('4096,4096,4096,3584', '512,448'))).toEqual([512, 448]);
  expect(await sizeOf(await tileOf('full', 'max'))).toEqual([1_280, 960]);
  expect((await tileOf('5,5,100,100', 'max')).status).toBe(404);
});

it('asks nobody to keep a tile whose photos cannot be read now, and heals', async () => {
  const packs = [];
  for await (const info of site.store.list(defaultBucketNames.tiles, { prefix: 'packs/' })) {
    packs.push({ info, bytes: (await site.store.get(info)).bytes });
  }
  // So that it knows where the photos are.
  await site.get(`${path}/deepzoom_files/12/0_0.jpg`);
  for (const { info } of packs) await site.store.delete(info);
  const broken = await site.get(`${path}/deepzoom_files/11/0_0.jpg`);
  expect(broken.status).toBe(200);
  expect(broken.headers.get('cache-control')).toBe('no-store');
  for (const { info, bytes } of packs) await site.store.put(info, bytes);
  const healed = await site.get(`${path}/deepzoom_files/11/0_0.jpg`);
  expect(healed.headers.get('cache-control')).toContain('immutable');
});
