import sharp from 'sharp';
import { tileSizes } from '@mosaicme/tile-pack';
import { readPixels } from './pixels';
import { shrink } from './shrink';
import { prepareTarget } from './target';
import { makeTile } from './tile';

/** 96 x 64 pixels in four quarters: red, green; blue, white. */
function quarters(): Buffer {
  const data = Buffer.alloc(96 * 64 * 3);
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 96; x++) {
      data.set(colours[(y < 32 ? 0 : 2) + (x < 48 ? 0 : 1)]!, (y * 96 + x) * 3);
    }
  }
  return data;
}
const colours = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 210],
  [240, 240, 240],
] as const;
const upright = () => sharp(quarters(), { raw: { width: 96, height: 64, channels: 3 } });

/** The colours in the middle of the four quarters, in reading order. */
async function quarterColours(bytes: Uint8Array): Promise<number[][]> {
  const { data } = await readPixels(bytes, 96, 64);
  return [16, 48].flatMap((y) =>
    [24, 72].map((x) => [...data.subarray((y * 96 + x) * 3, (y * 96 + x) * 3 + 3)]),
  );
}

function expectColours(
  found: number[][],
  expected: readonly (readonly number[])[],
  within: number,
) {
  for (const [index, colour] of expected.entries()) {
    for (const [channel, value] of colour.entries()) {
      expect(Math.abs(found[index]![channel]! - value)).toBeLessThanOrEqual(within);
    }
  }
}

/** For each EXIF orientation: how an upright picture is turned clockwise, then mirrored, to be stored. */
const storedAs: Record<number, { angle: number; mirror: boolean }> = {
  1: { angle: 0, mirror: false },
  2: { angle: 0, mirror: true },
  3: { angle: 180, mirror: false },
  4: { angle: 180, mirror: true },
  5: { angle: 90, mirror: true },
  6: { angle: 270, mirror: false },
  7: { angle: 270, mirror: true },
  8: { angle: 90, mirror: false },
};

describe('prepareTarget', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns EXIF orientation %i upright', async (orientation) => {
    const { angle, mirror } = storedAs[orientation]!;
    // Two steps, because within one pipeline sharp mirrors before it turns.
    const turned = await upright().rotate(angle).png().toBuffer();
    const stored = await sharp(turned).flop(mirror).png().toBuffer();
    const photo = await sharp(stored)
      .withMetadata({ orientation })
      .jpeg({ quality: 95 })
      .toBuffer();
    const target = await prepareTarget(photo);
    expect(target).toMatchObject({ width: 96, height: 64 });
    expectColours(await quarterColours(target.jpeg), colours, 12);
  });

  it('drops every kind of metadata', async () => {
    const photo = await upright()
      .withExif({ IFD0: { Artist: 'someone' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect((await sharp(photo).metadata()).exif).toBeDefined();
    const { exif, icc, xmp, iptc, orientation } = await sharp(
      (await prepareTarget(photo)).jpeg,
    ).metadata();
    expect({ exif, icc, xmp, iptc, orientation }).toEqual({});
  });

  it('converts a wide colour profile to sRGB', async () => {
    const p3 = await upright().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer();
    const raw = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
    // The stored green has more red in it than the sRGB green that it stands for.
    expect(raw[94 * 3]! - colours[1][0]).toBeGreaterThan(30);
    expectColours(await quarterColours((await prepareTarget(p3)).jpeg), colours, 12);
  });

  it('lays transparency on white', async () => {
    const { jpeg } = await prepareTarget(
      await sharp({ create: { width: 70, height: 70, channels: 4, background: '#ff000080' } })
        .png()
        .toBuffer(),
    );
    expect((await sharp(jpeg).metadata()).channels).toBe(3);
    expectColours(await quarterColours(jpeg), [[255, 127, 127]], 1);
  });

  it('reduces 16 bits to 8', async () => {
    const deep = await upright().toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const { jpeg } = await prepareTarget(deep);
    expect((await sharp(jpeg).metadata()).depth).toBe('uchar');
    expectColours(await quarterColours(jpeg), colours, 1);
  });

  it('gives a greyscale photo three channels', async () => {
    const { jpeg } = await prepareTarget(await upright().toColourspace('b-w').jpeg().toBuffer());
    expect(await sharp(jpeg).metadata()).toMatchObject({ channels: 3, space: 'srgb' });
  });

  it('turns CMYK into sRGB', async () => {
    const cmyk = await upright().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const { jpeg } = await prepareTarget(cmyk);
    expect(await sharp(jpeg).metadata()).toMatchObject({ channels: 3, space: 'srgb' });
    // Print cannot show every colour of the screen, so this only tells that no channel is inverted.
    expectColours(await quarterColours(jpeg), colours, 90);
  });

  it('shrinks to the largest side and never enlarges', async () => {
    const photo = await upright().png().toBuffer();
    const limits = undefined;
    expect(await prepareTarget(photo, limits, { maxSide: 48 })).toMatchObject({
      width: 48,
      height: 32,
    });
    expect(await prepareTarget(photo, limits, { maxSide: 500 })).toMatchObject({
      width: 96,
      height: 64,
    });
  });
});

describe('makeTile', () => {
  /** Everything before the entropy-coded data, without the size in the frame header. */
  function tables(jpeg: Uint8Array): string {
    const hex = Buffer.from(jpeg).toString('latin1');
    return hex.slice(0, hex.indexOf('\xff\xda') + 14).replace(/(\xff\xc0[^]{3})[^]{4}/, '$1');
  }

  const sources: [name: string, make: () => Promise<Buffer>][] = [
    ['baseline', () => upright().jpeg().toBuffer()],
    ['progressive', () => upright().jpeg({ progressive: true, mozjpeg: true }).toBuffer()],
    ['CMYK', () => upright().toColourspace('cmyk').jpeg().toBuffer()],
    ['greyscale', () => upright().toColourspace('b-w').jpeg().toBuffer()],
    ['16-bit', () => upright().toColourspace('rgb16').png().toBuffer()],
    ['transparent', () => upright().ensureAlpha(0.5).webp().toBuffer()],
    [
      '4:4:4 with a colour profile',
      () => upright().withIccProfile('p3').jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
  ];

  it.each(sources)('brings a %s source into the one form of a pack', async (_name, make) => {
    const reference = await makeTile(await upright().png().toBuffer());
    const tile = await makeTile(await make());
    for (const size of tileSizes) {
      expect(await sharp(tile.jpegs[size]).metadata()).toMatchObject({
        width: size,
        height: size,
        channels: 3,
        space: 'srgb',
        chromaSubsampling: '4:2:0',
        isProgressive: false,
      });
      expect(tables(tile.jpegs[size])).toBe(tables(reference.jpegs[size]));
    }
    expect(tables(tile.jpegs[16])).toBe(tables(tile.jpegs[128]));
  });

  it('measures the sub-cells of the very square that the JPEGs show', async () => {
    const tile = await makeTile(await upright().png().toBuffer());
    const shown = shrink(await readPixels(tile.jpegs[128], 128, 128), 32);
    expect(tile.subCells[4]).toMatchObject({ width: 4, height: 4 });
    expect(tile.subCells[8]).toMatchObject({ width: 8, height: 8 });
    expect(tile.subCells[8].data).toHaveLength(8 * 8 * 3);
    tile.subCells[4].data.forEach((value, index) => {
      expect(Math.abs(value - shown.data[index]!)).toBeLessThanOrEqual(3);
    });
  });
});
