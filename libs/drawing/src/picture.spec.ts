import { decodeRecipe, encodeRecipe, uniformCells } from '@mosaicme/mosaic';
import sharp from 'sharp';
import { testLayout, testRecipe, testTiles, tileId } from '../testing/tiles';
import { drawPicture, drawThumbnail, type PictureOptions } from './picture';

const tileCount = 6;
const uniform = uniformCells({ columns: 30, rows: 20, tileSize: 32 });
const mixed = testLayout({ columns: 21, rows: 13, largestSpan: 8, unit: 16 }, 4);

async function draw(
  layout: typeof uniform,
  options: PictureOptions = {},
  change = (_tiles: Awaited<ReturnType<typeof testTiles>>): void => undefined,
) {
  const tiles = await testTiles(tileCount, 128);
  change(tiles);
  const chunks = [];
  for await (const chunk of drawPicture(testRecipe(layout, tileCount), tiles, options)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

describe('drawPicture', () => {
  it.each([
    ['equal cells', uniform, {}, 960, 640],
    ['equal cells, smaller', uniform, { unit: 16 }, 480, 320],
    ['equal cells, larger', uniform, { unit: 128 }, 3_840, 2_560],
    ['cells of several sizes', mixed, {}, 336, 208],
  ] as const)('draws %s', async (_, layout, options, width, height) => {
    const picture = sharp(await draw(layout, options), { failOn: 'warning' });
    expect(await picture.metadata()).toMatchObject({ width, height, format: 'jpeg' });
    await picture.raw().toBuffer();
  });

  it('puts the tiles where the recipe says', async () => {
    const jpeg = await draw(uniform);
    const tiles = await testTiles(tileCount, 128);
    const recipe = testRecipe(uniform, tileCount);
    const one = async function* (cell: number) {
      const { mirrored, shifts } = recipe;
      yield* drawPicture(
        {
          ...recipe,
          layout: uniformCells({ columns: 1, rows: 1, tileSize: 32 }),
          tiles: recipe.tiles.slice(cell, cell + 1),
          mirrored: mirrored.slice(cell, cell + 1),
          shifts: shifts.slice(cell * 3, cell * 3 + 3),
        },
        tiles,
      );
    };
    for (const cell of [0, 31, 599]) {
      const chunks = [];
      for await (const chunk of one(cell)) chunks.push(chunk);
      const expected = await sharp(Buffer.concat(chunks)).greyscale().raw().toBuffer();
      const part = { left: (cell % 30) * 32, top: Math.floor(cell / 30) * 32 };
      const actual = await sharp(jpeg)
        .extract({ ...part, width: 32, height: 32 })
        .greyscale()
        .raw()
        .toBuffer();
      const furthest = actual.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - expected[at]!)),
        0,
      );
      expect(furthest).toBeLessThan(40);
    }
  });

  it('draws the same bytes from a recipe that was stored', async () => {
    const recipe = testRecipe(mixed, tileCount);
    const stored = decodeRecipe(encodeRecipe(recipe));
    const tiles = await testTiles(tileCount, 128);
    const chunks = [];
    for await (const chunk of drawPicture(stored, tiles)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(await draw(mixed))).toBe(true);
  });

  it('writes the resolution for printing into the header', async () => {
    expect((await sharp(await draw(uniform, { dpi: 254.4 })).metadata()).density).toBe(254);
  });

  it.each([
    ['equal cells', uniform],
    ['cells of several sizes', mixed],
  ])('draws a picture of %s whose tiles were removed', async (_, layout) => {
    const jpeg = await draw(layout, {}, (tiles) => tiles.remove(tileId(0)));
    await sharp(jpeg, { failOn: 'warning' }).raw().toBuffer();
  });

  it('fails rather than storing holes when a tile cannot be read now', async () => {
    const drawing = draw(uniform, {}, (tiles) => tiles.hide(tileId(0), true));
    await expect(drawing).rejects.toMatchObject({ code: 'drawing.incomplete' });
  });

  it.each([
    [uniform, 256],
    [uniform, 24],
    [mixed, 32],
  ])('refuses a size in which no tiles are kept', async (layout, unit) => {
    await expect(draw(layout, { unit })).rejects.toMatchObject({ code: 'recipe.cell-size' });
  });
});

describe('drawThumbnail', () => {
  it.each([
    ['smaller than the smallest picture', uniform, 240, 240, 160],
    ['between two sizes', uniform, 600, 600, 400],
    ['larger than the largest picture', uniform, 10_000, 3_840, 2_560],
    ['of cells of several sizes', mixed, 168, 168, 104],
  ] as const)('%s is never enlarged', async (_, layout, side, width, height) => {
    const tiles = await testTiles(tileCount, 128);
    const jpeg = await drawThumbnail(testRecipe(layout, tileCount), tiles, side);
    expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width, height });
  });
});
