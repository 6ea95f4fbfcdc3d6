import { defaultMatchOptions, uniformCells, type Recipe } from '@mosaicme/mosaic';
import sharp from 'sharp';
import { assembleRecipe } from './assemble';
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
