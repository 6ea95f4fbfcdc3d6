import fc from 'fast-check';
import { anyPixels, encode, photoTiles } from '../testing/pictures';
import { mirrorTile } from './mirror';
import { readProfile } from './profile';
import type { TileSegments } from './segments';
import { decodeTileSegments, encodedLength, encodeTileSegments } from './segments';
import { transcodeTile } from './transcode';

async function photoSegments(size: number): Promise<TileSegments> {
  const [tile] = await photoTiles(1, size);
  return transcodeTile(tile!, readProfile(tile!));
}

it('survives as bytes, whatever the picture', async () => {
  await fc.assert(
    fc.asyncProperty(anyPixels(), fc.constantFrom(20, 100), async (pixels, quality) => {
      const jpeg = await encode(pixels, quality);
      const tile = transcodeTile(jpeg, readProfile(jpeg));
      const bytes = encodeTileSegments(tile);
      expect(bytes.length).toBe(encodedLength(tile));
      const { data, ...rest } = decodeTileSegments(bytes);
      const { data: expected, ...others } = tile;
      expect(rest).toEqual(others);
      expect(Buffer.from(data).equals(expected)).toBe(true);
    }),
    { numRuns: 50 },
  );
}, 60_000);

it('slices its data out of a pack at any alignment, without a copy', async () => {
  const tile = await photoSegments(32);
  const bytes = encodeTileSegments(tile);
  const pack = new Uint8Array(bytes.length + 7);
  pack.set(bytes, 3);
  const decoded = decodeTileSegments(pack.subarray(3, 3 + bytes.length));
  expect(decoded.data.buffer).toBe(pack.buffer);
  expect(Buffer.from(decoded.data).equals(tile.data)).toBe(true);
});

it.each([
  ['nothing', () => new Uint8Array()],
  ['another version', (bytes: Uint8Array) => bytes.with(0, 1)],
  ['no rows', (bytes: Uint8Array) => bytes.with(1, 0)],
  ['too many rows', (bytes: Uint8Array) => bytes.with(1, 9)],
  ['a byte too few', (bytes: Uint8Array) => bytes.subarray(0, -1)],
  ['a byte too many', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
  ['a header that is cut off', (bytes: Uint8Array) => bytes.subarray(0, 10)],
  ['a first Cb behind the first Cr', (bytes: Uint8Array) => bytes.with(7, 0xff)],
  ['more bits than bytes', (bytes: Uint8Array) => bytes.with(19, 1)],
  ['a DC that no shift can code', (bytes: Uint8Array) => bytes.with(11, 0x7f)],
])('refuses stored bytes with %s', async (_, damage) => {
  const bytes = damage(encodeTileSegments(await photoSegments(32)));
  expect(() => decodeTileSegments(bytes)).toThrow(
    expect.objectContaining({ name: 'PermanentError', code: 'jpeg.tile-segments' }),
  );
});

it('is itself again when mirrored twice', async () => {
  const [tile] = await photoTiles(1, 128);
  const profile = readProfile(tile!);
  const segments = transcodeTile(tile!, profile);
  const once = mirrorTile(segments, profile);
  expect(Buffer.from(once.data).equals(segments.data)).toBe(false);
  const twice = mirrorTile(once, profile);
  expect(Buffer.from(twice.data).equals(segments.data)).toBe(true);
  expect({ ...twice, data: null }).toEqual({ ...segments, data: null });
});

it('is refused by the mirror when its bits are not of the profile', async () => {
  const [tile] = await photoTiles(1, 128);
  const segments = transcodeTile(tile!, readProfile(tile!));
  const ones = { ...segments, data: segments.data.map(() => 0xff) };
  const cut = { ...segments, offsets: segments.offsets.map((offset) => offset >> 1) };
  for (const damaged of [ones, cut]) {
    expect(() => mirrorTile(damaged, readProfile(tile!))).toThrow(
      expect.objectContaining({ name: 'PermanentError' }),
    );
  }
});
