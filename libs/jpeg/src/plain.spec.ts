import fc from 'fast-check';
import sharp from 'sharp';
import { anyPixels, encode, photoTiles } from '../testing/pictures';
import { assembleJpeg } from './assemble';
import { meanColour, plainTile } from './plain';
import { readProfile } from './profile';
import { transcodeTile } from './transcode';

const anyLevel = fc.integer({ min: 0, max: 255 });
const anyColour = fc.record({ y: anyLevel, cb: anyLevel, cr: anyLevel });
const anyProfile = async () => readProfile((await photoTiles(1, 16))[0]!);

it('makes tiles of the colour asked for, within the steps of the profile', async () => {
  const profile = await anyProfile();
  fc.assert(
    fc.property(anyColour, fc.constantFrom(16, 32, 128, 512), (colour, size) => {
      const mean = meanColour(plainTile(profile, size, colour), profile);
      const isNear = (a: number, b: number, step: number) => Math.abs(a - b) <= step / 16 + 1e-9;
      expect(isNear(mean.y, colour.y, profile.luma.quantisation[0]!)).toBe(true);
      expect(isNear(mean.cb, colour.cb, profile.chroma.quantisation[0]!)).toBe(true);
      expect(isNear(mean.cr, colour.cr, profile.chroma.quantisation[0]!)).toBe(true);
    }),
  );
});

it('makes the segments that transcoding a plain picture makes', async () => {
  const rgb = new Uint8Array(64 * 64 * 3).fill(77);
  const jpeg = await encode({ size: 64, rgb });
  const profile = readProfile(jpeg);
  const tile = transcodeTile(jpeg, profile);
  expect(plainTile(profile, 64, { y: 77, cb: 128, cr: 128 })).toEqual(tile);
});

it('makes tiles that decode to one colour', async () => {
  const profile = await anyProfile();
  const segments = plainTile(profile, 64, { y: 200, cb: 90, cr: 140 });
  const grid = { columns: 2, rows: 1, tileSize: 64 };
  const jpeg = assembleJpeg({ profile, grid, tile: () => ({ segments }) });
  const { channels } = await sharp(jpeg, { failOn: 'warning' }).stats();
  expect(channels.map(({ min, max }) => max - min)).toEqual([0, 0, 0]);
});

it('finds the mean colour of the pixels', async () => {
  await fc.assert(
    fc.asyncProperty(anyPixels([32]), async (pixels) => {
      const jpeg = await encode(pixels);
      const profile = readProfile(jpeg);
      const raw = { width: 32, height: 32, channels: 3 } as const;
      const { channels } = await sharp(pixels.rgb, { raw }).stats();
      const [r, g, b] = channels.map(({ mean }) => mean);
      const luma = 0.299 * r! + 0.587 * g! + 0.114 * b!;
      expect(Math.abs(meanColour(transcodeTile(jpeg, profile), profile).y - luma)).toBeLessThan(2);
    }),
    { numRuns: 30 },
  );
});
