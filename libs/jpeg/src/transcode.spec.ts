import sharp from 'sharp';
import { photoTiles, tileOptions } from '../testing/pictures';
import { readProfile } from './profile';
import { Head, HEAD_LENGTH } from './segments';
import { transcodeTile } from './transcode';

const withCode = (code: string) => expect.objectContaining({ name: 'PermanentError', code });

it('makes a segment of each row of MCUs and remembers where its first DC codes are', async () => {
  const background = { r: 128, g: 128, b: 128 };
  const jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background } })
    .jpeg(tileOptions)
    .toBuffer();
  const tile = transcodeTile(jpeg, readProfile(jpeg));
  expect(tile).toMatchObject({ size: 32, rows: 2 });
  // A block of zeros takes 2 bits for DC and 4 for the end of block in Y, 2 and 2 in Cb and Cr.
  const bits = 2 * (4 * 6 + 2 * 4);
  expect([...tile.heads]).toEqual([
    ...[bits, 24, 28, 0, 0, 0, 0, 0, 0],
    ...[bits, 24, 28, 0, 0, 0, 0, 0, 0],
  ]);
  expect([...tile.offsets]).toEqual([0, bits / 8, (2 * bits) / 8]);
  expect([...tile.data.subarray(0, 8)]).toEqual([...tile.data.subarray(8)]);
});

it('starts the DC prediction of each row at zero', async () => {
  const background = { r: 200, g: 200, b: 200 };
  const jpeg = await sharp({ create: { width: 48, height: 48, channels: 3, background } })
    .jpeg(tileOptions)
    .toBuffer();
  const { heads } = transcodeTile(jpeg, readProfile(jpeg));
  const firstY = [0, 1, 2].map((row) => heads[row * HEAD_LENGTH + Head.y]);
  // (200 - 128) * 8 / 5
  expect(firstY).toEqual([115, 115, 115]);
});

it('refuses a tile of another quality', async () => {
  const [tile] = await photoTiles(1, 32);
  const other = await sharp(tile!)
    .jpeg({ ...tileOptions, quality: 80 })
    .toBuffer();
  expect(() => transcodeTile(other, readProfile(tile!))).toThrow(withCode('jpeg.profile-mismatch'));
});

it.each([
  [32, 16],
  [16, 32],
  [40, 40],
  [528, 528],
])('refuses a tile of %i x %i px', async (width, height) => {
  const [tile] = await photoTiles(1, 16);
  const jpeg = await sharp(tile!)
    .resize(width, height, { fit: 'fill' })
    .jpeg(tileOptions)
    .toBuffer();
  expect(() => transcodeTile(jpeg, readProfile(jpeg))).toThrow(withCode('jpeg.tile-size'));
});

it('refuses a tile with restart markers', async () => {
  const [tile] = await photoTiles(1, 32);
  const dri = Buffer.from('ffdd00040002', 'hex');
  const jpeg = Buffer.concat([tile!.subarray(0, 2), dri, tile!.subarray(2)]);
  expect(() => transcodeTile(jpeg, readProfile(tile!))).toThrow(withCode('jpeg.restart-interval'));
});

it('refuses a scan that is longer than its size says', async () => {
  const [tile] = await photoTiles(1, 64);
  const frame = tile!.indexOf(Buffer.of(0xff, 0xc0));
  tile!.set([0, 32, 0, 32], frame + 5);
  expect(() => transcodeTile(tile!, readProfile(tile!))).toThrow(withCode('jpeg.damaged'));
});

it('refuses a scan that is shorter than its size says', async () => {
  const [tile] = await photoTiles(1, 32);
  const frame = tile!.indexOf(Buffer.of(0xff, 0xc0));
  tile!.set([0, 128, 0, 128], frame + 5);
  expect(() => transcodeTile(tile!, readProfile(tile!))).toThrow(withCode('jpeg.truncated'));
});

it('refuses a mean colour that no 8-bit picture has', async () => {
  const [tile] = await photoTiles(1, 16);
  const start = tile!.indexOf(Buffer.of(0xff, 0xda)) + 14;
  // Category 11 (111111110), then eleven 1 bits: a DC of 2047 steps.
  const scan = Buffer.from('ff007ffa' + '00'.repeat(8), 'hex');
  const jpeg = Buffer.concat([tile!.subarray(0, start), scan, tile!.subarray(-2)]);
  expect(() => transcodeTile(jpeg, readProfile(tile!))).toThrow(withCode('jpeg.dc-range'));
});
