import sharp from 'sharp';
import { photoTiles, tileOptions } from '../testing/pictures';
import {
  decodeProfile,
  encodeProfile,
  isTileSize,
  readProfile,
  sameProfile,
  shiftResolution,
  shiftToSteps,
} from './profile';

async function profileAt(quality: number) {
  const [tile] = await photoTiles(1, 16);
  return readProfile(
    await sharp(tile!)
      .jpeg({ ...tileOptions, quality })
      .toBuffer(),
  );
}

it('is the same for all tiles of one quality, and another for another quality', async () => {
  const [a, b] = await photoTiles(2, 32);
  const [first, second] = [readProfile(a!), readProfile(b!)];
  expect(sameProfile(first, second)).toBe(true);
  expect(sameProfile(first, await profileAt(84))).toBe(false);
});

it('survives as bytes', async () => {
  const profile = await profileAt(85);
  const bytes = encodeProfile(profile);
  expect(bytes.length).toBe(574);
  expect(decodeProfile(bytes)).toEqual(profile);
});

it.each([
  ['cut off', (bytes: Uint8Array) => bytes.subarray(0, 300), 'jpeg.truncated'],
  ['empty', () => new Uint8Array(), 'jpeg.not-a-jpeg'],
  ['without tables', () => Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'jpeg.tables'],
])('refuses stored bytes that are %s', async (_, damage, code) => {
  const bytes = damage(encodeProfile(await profileAt(85)));
  expect(() => decodeProfile(bytes)).toThrow(expect.objectContaining({ code }));
});

it('takes no whole JPEG for stored tables', async () => {
  const [tile] = await photoTiles(1, 16);
  expect(() => decodeProfile(tile!)).toThrow(expect.objectContaining({ code: 'jpeg.damaged' }));
});

it('shifts in steps of an eighth of the DC quantisation', async () => {
  const profile = await profileAt(85);
  expect(shiftResolution(profile)).toEqual({ luma: 0.625, chroma: 0.625 });
  expect(shiftToSteps(profile, { y: 10, cb: -10, cr: 0.2 })).toEqual({ y: 16, cb: -16, cr: 0 });
  expect(shiftToSteps(profile, { y: 0.4, cb: -0.4, cr: 0 })).toEqual({ y: 1, cb: -1, cr: 0 });
});

it('refuses a shift that is not a number', async () => {
  const profile = await profileAt(85);
  expect(() => shiftToSteps(profile, { y: 0, cb: Number.NaN, cr: 0 })).toThrow(
    expect.objectContaining({ code: 'jpeg.shift' }),
  );
});

it('knows the sizes that consist of whole MCUs', () => {
  const sizes = [0, 8, 16, 24, 32, 48, 64, 100, 128, 512, 528, Number.NaN];
  expect(sizes.filter(isTileSize)).toEqual([16, 32, 48, 64, 128, 512]);
});
