import { cellSpans, uniformCells } from '@mosaicme/mosaic';
import fc from 'fast-check';
import sharp from 'sharp';
import { testLayout, testRecipe, testTiles, tileId, type TestTiles } from '../testing/tiles';
import { openDrawing, type Drawing } from './drawing';
import { drawPicture } from './picture';
import type { Rectangle } from './pyramid';

const tileCount = 12;
let tiles: TestTiles;
beforeEach(async () => {
  tiles = await testTiles(tileCount);
});

const patienceMs = 120_000;

const decode = (jpeg: Uint8Array) => sharp(jpeg, { failOn: 'warning' }).removeAlpha();

async function pixelsOf(jpeg: Uint8Array, part?: Rectangle): Promise<Buffer> {
  const image = decode(jpeg);
  return (part ? image.extract(part) : image).raw().toBuffer();
}

/** The level at which a unit has so many pixels. */
const levelOf = ({ pyramid }: Drawing, unit: number) =>
  pyramid.levels.find((level) => level.unit === unit)!;

async function wholePicture(recipe: Parameters<typeof drawPicture>[0], unit: number) {
  const chunks = [];
  for await (const chunk of drawPicture(recipe, tiles, { unit })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * How far two pictures are apart: the mean difference, and how many values differ by more than a
 * decoder's smoothing of chroma and a second encoding explain.
 */
function distance(a: Buffer, b: Buffer): { mean: number; far: number } {
  expect(a.length).toBe(b.length);
  let sum = 0;
  let far = 0;
  a.forEach((value, at) => {
    const difference = Math.abs(value - b[at]!);
    sum += difference;
    if (difference > 40) far++;
  });
  return { mean: sum / a.length, far: far / a.length };
}

function expectAlike(a: Buffer, b: Buffer, most = { mean: 2, far: 0.02 }): void {
  const { mean, far } = distance(a, b);
  expect(mean).toBeLessThan(most.mean);
  expect(far).toBeLessThanOrEqual(most.far);
}

/** As `expectAlike`, of pictures one of which was encoded again: that halves the chroma of few pixels. */
function expectAlikeInLuma(a: Buffer, b: Buffer): void {
  expectAlike(lumaOf(a), lumaOf(b), { mean: 8, far: 0.02 });
}

const lumaOf = (rgb: Buffer): Buffer =>
  Buffer.from(
    Array.from({ length: rgb.length / 3 }, (_, pixel) =>
      Math.round(
        0.299 * rgb[pixel * 3]! + 0.587 * rgb[pixel * 3 + 1]! + 0.114 * rgb[pixel * 3 + 2]!,
      ),
    ),
  );

const anyLayout = fc
  .record({
    columns: fc.integer({ min: 1, max: 40 }),
    rows: fc.integer({ min: 1, max: 40 }),
    largestSpan: fc.constantFrom(...cellSpans),
    seed: fc.nat(100),
  })
  .map(({ columns, rows, largestSpan, seed }) =>
    testLayout({ columns, rows, largestSpan, unit: 16 }, seed),
  );

describe('deep-zoom tiles', () => {
  it(
    'are the same part of the whole picture, at every level that is assembled',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          anyLayout,
          fc.constantFrom(16, 32),
          fc.nat(1_000),
          async (layout, unit, choice) => {
            const largest = Math.max(...layout.span);
            fc.pre(largest * unit <= 128);
            const recipe = testRecipe(layout, tileCount);
            const drawing = openDrawing(recipe, tiles);
            const level = levelOf(drawing, unit);
            const column = choice % level.columns;
            const row = Math.floor(choice / level.columns) % level.rows;
            const { jpeg } = (await drawing.tile(level.number, column, row))!;
            const { width, height } = await decode(jpeg).metadata();
            const part = { left: column * 512, top: row * 512, width, height };
            const whole = await wholePicture(recipe, unit);
            expectAlike(await pixelsOf(jpeg), await pixelsOf(whole, part));
          },
        ),
        { numRuns: 25 },
      );
    },
    patienceMs,
  );

  it(
    'are the scaled picture at the levels below the smallest tiles',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          anyLayout,
          fc.constantFrom(8, 4, 2, 1, 0.5, 0.25),
          async (layout, unit) => {
            fc.pre(Math.max(...layout.span) * 16 <= 128);
            const recipe = testRecipe(layout, tileCount);
            const drawing = openDrawing(recipe, tiles);
            const level = levelOf(drawing, unit);
            fc.pre(level !== undefined && level.width * level.height >= 64);
            const { jpeg } = (await drawing.tile(level.number, 0, 0))!;
            const { width, height } = await decode(jpeg).metadata();
            expect([width, height]).toEqual([
              Math.min(512, level.width),
              Math.min(512, level.height),
            ]);
            const whole = await wholePicture(recipe, 16);
            const scale = Math.round(16 / unit);
            fc.pre(layout.columns * 16 * layout.rows * 16 > scale * scale);
            const padded = await sharp(await meansOf(whole, scale), {
              raw: { width: level.width, height: level.height, channels: 3 },
            })
              .extract({ left: 0, top: 0, width, height })
              .raw()
              .toBuffer();
            expectAlikeInLuma(await pixelsOf(jpeg), padded);
          },
        ),
        { numRuns: 25 },
      );
    },
    patienceMs,
  );

  it.each([64, 128, 256, 512])('show a tile of %i px as it is kept', async (unit) => {
    const recipe = testRecipe(uniformCells({ columns: 5, rows: 4, tileSize: 64 }), tileCount);
    const drawing = openDrawing(recipe, tiles);
    const level = levelOf(drawing, unit);
    await drawing.tile(level.number, 0, 0);
    expect(new Set(tiles.reads.map(({ size }) => size))).toEqual(new Set([unit]));
  });

  it('are assembled and not encoded where no cell is larger than them', async () => {
    const layout = testLayout({ columns: 40, rows: 40, largestSpan: 4, unit: 16 }, 3);
    const drawing = openDrawing(testRecipe(layout, tileCount), tiles);
    for (const unit of [16, 32, 64, 128]) {
      const { jpeg } = (await drawing.tile(levelOf(drawing, unit).number, 0, 0))!;
      // Only assembled pictures have restart markers.
      expect(Buffer.from(jpeg).includes(Buffer.of(0xff, 0xdd, 0, 4))).toBe(true);
    }
  });

  it('enlarge the largest tile that is kept where there is none as large', async () => {
    const small = await testTiles(tileCount, 128);
    const recipe = testRecipe(uniformCells({ columns: 2, rows: 2, tileSize: 64 }), tileCount);
    const level = levelOf(openDrawing(recipe, small), 512).number;
    const enlarged = await openDrawing(recipe, small).tile(level, 1, 1);
    const kept = await openDrawing(recipe, tiles).tile(level, 1, 1);
    const [a, b] = await Promise.all([pixelsOf(enlarged!.jpeg), pixelsOf(kept!.jpeg)]);
    expectAlike(a, b, { mean: 8, far: 0.02 });
  });

  it(
    'fit together without a seam where one large cell spans several of them',
    async () => {
      const layout = testLayout({ columns: 4, rows: 4, largestSpan: 4, unit: 16 }, 2);
      expect([...layout.span]).toEqual([4]);
      const drawing = openDrawing(testRecipe(layout, tileCount), tiles);
      const level = levelOf(drawing, 256);
      const whole = await drawing.region(level.number, {
        ...{ left: 0, top: 0 },
        width: 1_024,
        height: 1_024,
      });
      const { jpeg } = (await drawing.tile(level.number, 1, 1))!;
      const part = { left: 512, top: 512, width: 512, height: 512 };
      expectAlike(await pixelsOf(jpeg), await pixelsOf(whole.jpeg, part));
    },
    patienceMs,
  );

  it('have the same bytes each time', async () => {
    const layout = testLayout({ columns: 40, rows: 30, largestSpan: 4, unit: 16 }, 1);
    const recipe = testRecipe(layout, tileCount);
    const [first, second] = [openDrawing(recipe, tiles), openDrawing(recipe, tiles)];
    for (const { number } of first.pyramid.levels) {
      const [a, b] = [await first.tile(number, 0, 0), await second.tile(number, 0, 0)];
      expect(Buffer.from(a!.jpeg).equals(b!.jpeg)).toBe(true);
    }
  });

  it('do not exist beyond the picture', async () => {
    const recipe = testRecipe(uniformCells({ columns: 2, rows: 2, tileSize: 64 }), tileCount);
    const drawing = openDrawing(recipe, tiles);
    const deepest = drawing.pyramid.levels.length - 1;
    const places = [
      [deepest + 1, 0, 0],
      [-1, 0, 0],
      [deepest, 2, 0],
      [deepest, 0, 2],
      [deepest, -1, 0],
      [1.5, 0, 0],
    ] as const;
    for (const [level, column, row] of places) {
      expect(await drawing.tile(level, column, row)).toBeUndefined();
    }
  });
});

describe('regions', () => {
  it(
    'are the same part of the whole picture, wherever they begin',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          anyLayout,
          fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000)),
          async (layout, [a, b, c, d]) => {
            const recipe = testRecipe(layout, tileCount);
            const drawing = openDrawing(recipe, tiles);
            const level = levelOf(drawing, 16);
            const left = a % level.width;
            const top = b % level.height;
            const part = {
              ...{ left, top },
              width: 1 + (c % (level.width - left)),
              height: 1 + (d % (level.height - top)),
            };
            const { jpeg } = await drawing.region(level.number, part);
            const whole = await pixelsOf(await wholePicture(recipe, 16), part);
            expectAlikeInLuma(await pixelsOf(jpeg), whole);
          },
        ),
        { numRuns: 25 },
      );
    },
    patienceMs,
  );

  it.each([
    ['beyond the right edge', { left: 100, top: 0, width: 29, height: 10 }],
    ['of no size', { left: 0, top: 0, width: 0, height: 10 }],
    ['before the left edge', { left: -1, top: 0, width: 5, height: 10 }],
    ['of half pixels', { left: 0.5, top: 0, width: 5, height: 10 }],
  ])('%s are refused', async (_, part) => {
    const recipe = testRecipe(uniformCells({ columns: 8, rows: 8, tileSize: 16 }), tileCount);
    const drawing = openDrawing(recipe, tiles);
    const level = levelOf(drawing, 16).number;
    await expect(drawing.region(level, part)).rejects.toMatchObject({ code: 'drawing.region' });
  });

  it('of more pixels than memory should be spent on are refused', async () => {
    const recipe = testRecipe(uniformCells({ columns: 100, rows: 100, tileSize: 16 }), tileCount);
    const drawing = openDrawing(recipe, tiles);
    const level = drawing.pyramid.levels.at(-1)!;
    const part = { left: 0, top: 0, width: level.width, height: level.height };
    await expect(drawing.region(level.number, part)).rejects.toMatchObject({
      code: 'drawing.region',
    });
  });
});

describe('a cell whose tile was removed', () => {
  const layout = uniformCells({ columns: 9, rows: 9, tileSize: 16 });
  /** Cells 0 … 80 take tiles 0 … 11; the middle one takes a tile that nobody else takes. */
  const recipe = {
    ...testRecipe(layout, tileCount),
    tiles: Uint32Array.from({ length: 81 }, (_, cell) => (cell === 40 ? 11 : cell % 11)),
    shifts: new Int8Array(81 * 3),
  };

  async function colourOfMiddle(jpeg: Uint8Array, side: number): Promise<number[]> {
    const part = { left: 4 * side, top: 4 * side, width: side, height: side };
    const { data, info } = await decode(jpeg).extract(part).raw().toBuffer({
      resolveWithObject: true,
    });
    const inner = side >> 2;
    const at = (inner * info.width + inner) * 3;
    return [...data.subarray(at, at + 3)];
  }

  it('is plain, in the colour of its neighbours', async () => {
    tiles.remove(tileId(11));
    const drawing = openDrawing(recipe, tiles);
    const { jpeg, isComplete } = (await drawing.tile(levelOf(drawing, 32).number, 0, 0))!;
    expect(isComplete).toBe(true);
    const statsOf = async (part: Rectangle) =>
      sharp(await decode(jpeg).extract(part).png().toBuffer()).stats();
    const cell = await statsOf({ left: 4 * 32 + 8, top: 4 * 32 + 8, width: 16, height: 16 });
    expect(cell.channels.map(({ min, max }) => max - min)).toEqual([0, 0, 0]);
    const around = await statsOf({ left: 3 * 32, top: 3 * 32, width: 96, height: 96 });
    cell.channels.forEach(({ mean }, channel) => {
      expect(Math.abs(mean - around.channels[channel]!.mean)).toBeLessThan(8);
    });
  });

  it('has one colour at all levels and in the whole picture', async () => {
    tiles.remove(tileId(11));
    const drawing = openDrawing(recipe, tiles);
    const expected = await colourOfMiddle(await wholePicture(recipe, 16), 16);
    for (const unit of [16, 32, 64]) {
      const { jpeg } = (await drawing.tile(levelOf(drawing, unit).number, 0, 0))!;
      const colour = await colourOfMiddle(jpeg, unit);
      colour.forEach((value, channel) => {
        expect(Math.abs(value - expected[channel]!)).toBeLessThanOrEqual(2);
      });
    }
  });

  it('is no error even when all others are gone too', async () => {
    for (let tile = 0; tile < tileCount; tile++) tiles.remove(tileId(tile));
    const drawing = openDrawing(recipe, tiles);
    for (const { number } of drawing.pyramid.levels) {
      const { channels } = await decode((await drawing.tile(number, 0, 0))!.jpeg).stats();
      expect(channels.map(({ mean }) => Math.round(mean))).toEqual([128, 128, 128]);
    }
  });
});

describe('a tile that cannot be read now', () => {
  it('leaves a plain cell, says so, and heals at every level', async () => {
    const recipe = testRecipe(uniformCells({ columns: 6, rows: 6, tileSize: 16 }), tileCount);
    const whole = openDrawing(recipe, tiles);
    for (const { number } of whole.pyramid.levels.slice(0, -3)) {
      const drawing = openDrawing(recipe, tiles);
      tiles.hide(tileId(0), true);
      expect((await drawing.tile(number, 0, 0))!.isComplete).toBe(false);
      tiles.hide(tileId(0), false);
      const healed = (await drawing.tile(number, 0, 0))!;
      expect(healed.isComplete).toBe(true);
      expect(Buffer.from(healed.jpeg).equals((await whole.tile(number, 0, 0))!.jpeg)).toBe(true);
    }
  });
});

/** Exact means of squares; those at the right and lower edge may be cut off. */
async function meansOf(jpeg: Buffer, side: number): Promise<Buffer> {
  const { data, info } = await decode(jpeg).raw().toBuffer({ resolveWithObject: true });
  const width = Math.ceil(info.width / side);
  const height = Math.ceil(info.height / side);
  const means = Buffer.alloc(width * height * 3);
  for (let to = 0; to < width * height; to++) {
    const left = (to % width) * side;
    const top = Math.floor(to / width) * side;
    const sums = [0, 0, 0];
    let count = 0;
    for (let y = top; y < Math.min(info.height, top + side); y++) {
      for (let x = left; x < Math.min(info.width, left + side); x++) {
        for (let channel = 0; channel < 3; channel++) {
          sums[channel]! += data[(y * info.width + x) * 3 + channel]!;
        }
        count++;
      }
    }
    sums.forEach((sum, channel) => (means[to * 3 + channel] = Math.round(sum / count)));
  }
  return means;
}
