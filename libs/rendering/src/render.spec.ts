import { encodeJpeg } from '@mosaicme/imaging';
import { defaultMatchOptions, encodeRecipe, type MatchOptions } from '@mosaicme/mosaic';
import sharp from 'sharp';
import { assembleRecipe } from './assemble';
import { renderedSizes, renderMosaic, type RenderOptions, type TileSource } from './render';
import { flat, paint, slope, tileId, tileSource, type Painting } from './testing/tiles';

const greys = Array.from({ length: 16 }, (_, index) => flat(index * 17));

const optionsWith = (
  match: Partial<MatchOptions>,
  more: Partial<RenderOptions> = {},
): RenderOptions => ({
  grid: { columns: 4, rows: 3 },
  tileSize: 16,
  match: { ...defaultMatchOptions, repeatDistance: 0, colourShift: 0, ...match },
  ...more,
});

const targetOf = async (painting: Painting, columns = 4, rows = 3) => ({
  size: { width: columns * 16, height: rows * 16 },
  bytes: await encodeJpeg(paint(columns * 16, rows * 16, painting), { quality: 100 }),
});

/** A different grey in every cell. */
const steps: Painting = (x, y) => {
  const cell = Math.floor(y * 3) * 4 + Math.floor(x * 4);
  return flat(cell * 17)(x, y);
};

async function pixelsOf(chunks: Iterable<Uint8Array>) {
  const { data, info } = await sharp(Buffer.concat([...chunks]), { failOn: 'warning' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    ...info,
    at: (x: number, y: number) => data[(y * info.width + x) * info.channels],
  };
}

describe('renderMosaic', () => {
  let library: TileSource;
  beforeAll(async () => {
    library = await tileSource(greys);
  });

  it('puts the nearest tile into every cell', async () => {
    const { bytes, size } = await targetOf(steps);
    const { recipe } = await renderMosaic(bytes, size, library, optionsWith({}));
    const ids = Array.from(recipe.tiles, (tile) => recipe.tileIds[tile]);
    expect(ids).toEqual(Array.from({ length: 12 }, (_, cell) => tileId(cell)));
    const picture = await pixelsOf(assembleRecipe(recipe, library));
    expect([picture.width, picture.height]).toEqual([64, 48]);
    for (let cell = 0; cell < 12; cell++) {
      const level = picture.at((cell % 4) * 16 + 8, Math.floor(cell / 4) * 16 + 8);
      expect(Math.abs(level! - cell * 17)).toBeLessThanOrEqual(1);
    }
  });

  it('makes the same recipe and the same bytes of the same input', async () => {
    const { bytes, size } = await targetOf((x, y) => [x * 255, y * 255, 128]);
    const options = optionsWith({ colourShift: 24, mirror: true, repeatDistance: 1 });
    const make = async () => {
      const { recipe } = await renderMosaic(bytes, size, await tileSource(greys), options);
      return [encodeRecipe(recipe), Buffer.concat([...assembleRecipe(recipe, library)])];
    };
    expect(await make()).toEqual(await make());
  });

  it('moves the colour of a tile toward its cell, as far as it may', async () => {
    const { bytes, size } = await targetOf(flat(100));
    const one = await tileSource([flat(60)]);
    const near = await renderMosaic(bytes, size, one, optionsWith({ colourShift: 50 }));
    const far = await renderMosaic(bytes, size, one, optionsWith({ colourShift: 10 }));
    const levelOf = async ({ recipe }: typeof near) =>
      (await pixelsOf(assembleRecipe(recipe, one))).at(24, 24)!;
    expect(Math.abs((await levelOf(near)) - 100)).toBeLessThanOrEqual(1);
    expect(Math.abs((await levelOf(far)) - 70)).toBeLessThanOrEqual(1);
  });

  it('draws mirrored tiles mirrored', async () => {
    const one = await tileSource([slope]);
    const { bytes, size } = await targetOf((x, y) => slope(1 - ((x * 4) % 1), y));
    const { recipe } = await renderMosaic(bytes, size, one, optionsWith({ mirror: true }));
    expect([...recipe.mirrored]).toEqual(Array<number>(12).fill(1));
    const picture = await pixelsOf(assembleRecipe(recipe, one));
    expect(picture.at(2, 8)!).toBeGreaterThan(150);
    expect(picture.at(13, 8)!).toBeLessThan(90);
  });

  it('relaxes the distance for which there are too few tiles, and says so', async () => {
    const { bytes, size } = await targetOf(steps);
    const options = optionsWith({ repeatDistance: 5 });
    const { relaxed, statistics } = await renderMosaic(
      bytes,
      size,
      await tileSource(greys.slice(0, 3)),
      options,
    );
    expect(relaxed).toEqual([{ option: 'repeatDistance', wanted: 5, kept: 0 }]);
    expect(statistics.distinctTiles).toBe(3);
  });

  it('draws small cells where the target has detail, as many as the grid has at most', async () => {
    const size = { width: 512, height: 512 };
    // A chequerboard in one quarter, else flat.
    const picture = paint(512, 512, (x, y) => {
      const isBusy = x < 0.5 && y < 0.5 && (Math.floor(x * 16) + Math.floor(y * 16)) % 2 === 0;
      return isBusy ? [230, 230, 230] : [110, 110, 110];
    });
    const library = await tileSource(greys);
    const options = {
      ...optionsWith({}),
      adaptive: true,
      tileSize: 64,
      grid: { cells: 8 },
    } as const;
    const bytes = await encodeJpeg(picture, { quality: 95 });
    const { recipe } = await renderMosaic(bytes, size, library, options);
    const { layout } = recipe;
    expect(layout).toMatchObject({ columns: 32, rows: 32, unit: 16, largestSpan: 8 });
    expect(layout.count).toBeLessThanOrEqual(64);
    expect(new Set(renderedSizes(options))).toEqual(new Set([128, 64, 32, 16]));
    const busy = [...layout.span].filter(
      (_, cell) => layout.left[cell]! < 16 && layout.top[cell]! < 16,
    );
    const calm = [...layout.span].filter((_, cell) => layout.left[cell]! >= 16);
    const mean = (spans: readonly number[]) => spans.reduce((a, b) => a + b, 0) / spans.length;
    expect(mean(busy)).toBeLessThan(mean(calm) / 2);
    const again = await renderMosaic(bytes, size, await tileSource(greys), options);
    expect(encodeRecipe(again.recipe)).toEqual(encodeRecipe(recipe));
    const jpeg = Buffer.concat([...assembleRecipe(recipe, library)]);
    expect(await sharp(jpeg, { failOn: 'warning' }).stats()).toBeDefined();
  });

  it('says how many tiles are needed when there are too few, or none', async () => {
    const { bytes, size } = await targetOf(steps);
    const options = optionsWith({ maxUses: 1 });
    const few = renderMosaic(bytes, size, await tileSource(greys.slice(0, 4)), options);
    await expect(few).rejects.toMatchObject({
      code: 'mosaic.library-too-small',
      message: expect.stringContaining('need 12'),
    });
    const none = renderMosaic(bytes, size, await tileSource([]), options);
    await expect(none).rejects.toMatchObject({
      code: 'mosaic.empty-library',
      message: expect.stringContaining('no tiles'),
    });
  });

  it('keeps to the most uses, and is no worse when all tiles are chosen together', async () => {
    const { bytes, size } = await targetOf(flat(0));
    const match = { maxUses: 1 };
    const greedy = await renderMosaic(bytes, size, library, optionsWith(match));
    const optimal = await renderMosaic(bytes, size, library, optionsWith(match, { optimal: true }));
    expect(greedy.statistics.maxUses).toBe(1);
    expect(optimal).toMatchObject({ optimal: true, statistics: { maxUses: 1 } });
    expect(optimal.statistics.distance).toBeLessThanOrEqual(greedy.statistics.distance);
  });

  it('uses every tile, or leaves that out where it may and there are more tiles than cells', async () => {
    const { bytes, size } = await targetOf(flat(0));
    const few = await tileSource(greys.slice(0, 5));
    const all = await renderMosaic(bytes, size, few, optionsWith({ useAll: true }));
    expect(all.statistics.distinctTiles).toBe(5);

    const refused = renderMosaic(bytes, size, library, optionsWith({ useAll: true }));
    await expect(refused).rejects.toMatchObject({ code: 'mosaic.library-too-large' });
    const relaxed = optionsWith({ useAll: true }, { whenTooLarge: 'relax' });
    const { recipe } = await renderMosaic(bytes, size, library, relaxed);
    expect(recipe.options.useAll).toBe(false);
  });
});
