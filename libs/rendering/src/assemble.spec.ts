import { defaultMatchOptions, divideIntoCells, uniformCells, type Recipe } from '@mosaicme/mosaic';
import sharp from 'sharp';
import { decode } from 'jpeg-js';
import { assembleRecipe, drawnSizes } from './assemble';
import { flat, slope, tileId, tileSource } from './testing/tiles';
import { renderThumbnail } from './thumbnail';

/** Three cells in a row: plain, mirrored, shifted. */
const recipe: Recipe = {
  layout: uniformCells({ columns: 3, rows: 1, tileSize: 32 }),
  options: defaultMatchOptions,
  tileIds: [tileId(1), tileId(0)],
  tiles: Uint32Array.of(0, 0, 1),
  mirrored: Uint8Array.of(0, 1, 0),
  shifts: Int8Array.of(0, 0, 0, 0, 0, 0, -20, 0, 0),
};

const draw = (library: Awaited<ReturnType<typeof tileSource>>, options = {}) =>
  sharp(Buffer.concat([...assembleRecipe(recipe, library, options)]), { failOn: 'warning' });

describe('assembleRecipe', () => {
  it.each([32, 16, 128] as const)('draws each cell as the recipe says, at %i px', async (size) => {
    const library = await tileSource([flat(120), slope]);
    const { data, info } = await draw(library, { unit: size })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const level = (column: number, x: number) => {
      const left = Math.floor((column + x) * size);
      return data[((size / 2) * info.width + left) * info.channels]!;
    };
    expect([info.width, info.height]).toEqual([3 * size, size]);
    expect([level(0, 0.1) < 90, level(0, 0.9) > 150]).toEqual([true, true]);
    expect([level(1, 0.1) > 150, level(1, 0.9) < 90]).toEqual([true, true]);
    expect(Math.abs(level(2, 0.5) - 100)).toBeLessThanOrEqual(1);
  });

  it('writes the resolution for printing into the header', async () => {
    const library = await tileSource([flat(120), slope]);
    expect((await draw(library, { dpi: 254 }).metadata()).density).toBe(254);
  });

  it('names a tile that is gone', async () => {
    const library = await tileSource([flat(120)]);
    expect(() => assembleRecipe(recipe, library)).toThrow(
      expect.objectContaining({
        code: 'recipe.tile-gone',
        message: expect.stringContaining(tileId(1)),
      }),
    );
  });
});

describe('cells of several sizes', () => {
  // A cell of 32 px, then four of 16.
  const layout = divideIntoCells(
    { columns: 4, rows: 2, unit: 16, largestSpan: 2 },
    (left) => left > 0,
  );
  const mixed: Recipe = {
    layout,
    options: { ...defaultMatchOptions, mirror: true },
    tileIds: [tileId(0), tileId(1)],
    tiles: Uint32Array.of(1, 0, 1, 1, 0),
    mirrored: Uint8Array.of(0, 0, 1, 0, 0),
    shifts: Int8Array.from({ length: 15 }, (_, at) => (at === 3 ? 24 : 0)),
  };
  const levelsAt = (data: Uint8Array, width: number, channels: number) => (x: number, y: number) =>
    data[(y * width + x) * channels]!;

  it.each([1, 4])('stand where the layout says, at %i times the size', async (scale) => {
    const library = await tileSource([flat(120), slope]);
    const unit = 16 * scale;
    const jpeg = Buffer.concat([...assembleRecipe(mixed, library, { unit })]);
    const { data, info } = await sharp(jpeg, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([64 * scale, 32 * scale]);
    const other = decode(jpeg);
    for (const level of [
      levelsAt(data, info.width, info.channels),
      levelsAt(other.data, other.width, 4),
    ]) {
      const at = (x: number, y: number) => level(x * scale, y * scale);
      expect([at(6, 16) < 90, at(26, 16) > 150]).toEqual([true, true]);
      expect(Math.abs(at(40, 8) - 144)).toBeLessThanOrEqual(1);
      expect([at(51, 8) > 150, at(60, 8) < 90]).toEqual([true, true]);
      expect([at(35, 24) < 90, at(44, 24) > 150]).toEqual([true, true]);
      expect(Math.abs(at(56, 24) - 120)).toBeLessThanOrEqual(1);
    }
  });

  it('take the tiles of their sizes', () => {
    expect(drawnSizes(layout)).toEqual([32, 16]);
    expect(drawnSizes(layout, 64)).toEqual([128, 64]);
    expect(() => drawnSizes(layout, 128)).toThrow('A cell would be 256 px wide');
  });

  it('make thumbnails', async () => {
    const library = await tileSource([flat(120), slope]);
    const small = await sharp(await renderThumbnail(mixed, library, 40)).metadata();
    expect([small.width, small.height]).toEqual([40, 20]);
  });
});

describe('renderThumbnail', () => {
  it.each([
    [24, 24, 8],
    [96, 96, 32],
    [10_000, 384, 128],
  ])('is at most %i px wide and never enlarged', async (side, width, height) => {
    const library = await tileSource([flat(120), slope]);
    const { format, ...size } = await sharp(
      await renderThumbnail(recipe, library, side),
    ).metadata();
    expect(format).toBe('jpeg');
    expect([size.width, size.height]).toEqual([width, height]);
  });
});
