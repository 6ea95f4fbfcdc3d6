import { decode } from 'jpeg-js';
import fc from 'fast-check';
import sharp from 'sharp';
import type { Assembly, AssemblyCell } from './assemble';
import {
  assembleChunks,
  assembledLength,
  assembleJpeg,
  CHUNK_BYTES,
  LIBJPEG_MAX_SIDE,
} from './assemble';
import type { ComponentBlocks } from './coefficients';
import { decodeCoefficients } from './coefficients';
import { ZIGZAG } from './markers';
import type { ColourShift, TileProfile } from './profile';
import { MAX_SHIFT, readProfile, shiftToSteps } from './profile';
import { Head } from './segments';
import { shiftSegment } from './shift';
import { anyPixels, encode, photoTiles, tileOptions } from '../testing/pictures';
import { transcodeTile } from './transcode';

/** Column c of row r takes tile r * columns + c, over and over. */
function assemblyOf(
  tiles: readonly Uint8Array[],
  columns: number,
  rows: number,
  change: (index: number) => Omit<AssemblyCell, 'segments'> = () => ({}),
): Assembly {
  const profile = readProfile(tiles[0]!);
  const segments = tiles.map((tile) => transcodeTile(tile, profile));
  return {
    profile,
    grid: { columns, rows, tileSize: segments[0]!.size },
    tile: (column, row) => {
      const index = row * columns + column;
      return { segments: segments[index % tiles.length]!, ...change(index) };
    },
  };
}

/** The blocks of the cell in the coefficients of a mosaic. */
function cellBlocks(
  mosaic: readonly ComponentBlocks[],
  column: number,
  row: number,
  tileSize: number,
): ComponentBlocks[] {
  return mosaic.map(({ columns, blocks }, component) => {
    const side = component === 0 ? tileSize / 8 : tileSize / 16;
    const cell = new Int16Array(side * side * 64);
    for (let y = 0; y < side; y++) {
      const start = ((row * side + y) * columns + column * side) * 64;
      cell.set(blocks.subarray(start, start + side * 64), y * side * 64);
    }
    return { columns: side, rows: side, blocks: cell };
  });
}

/** The reference of a colour shift: the DC of every block moves by the same number of steps. */
function shiftBlocks(
  components: readonly ComponentBlocks[],
  profile: TileProfile,
  shift: ColourShift,
): ComponentBlocks[] {
  const steps = shiftToSteps(profile, shift);
  return components.map((component, n) => ({
    ...component,
    blocks: component.blocks.map((value, at) =>
      at % 64 === 0 ? value + [steps.y, steps.cb, steps.cr][n]! : value,
    ),
  }));
}

/**
 * The reference of a mirrored tile: blocks from right to left, and the sign of every coefficient of
 * odd horizontal frequency changed.
 */
function mirrorBlocks({ columns, rows, blocks }: ComponentBlocks): ComponentBlocks {
  const mirrored = blocks.map((_, at) => {
    const block = Math.floor(at / 64);
    const column = block % columns;
    const source = block - column + (columns - 1 - column);
    const value = blocks[source * 64 + (at % 64)]!;
    return ZIGZAG[at % 64]! % 2 === 1 ? -value : value;
  });
  return { columns, rows, blocks: mirrored };
}

/** As `toEqual`, which takes seconds for a million numbers. */
function expectSame(
  actual: readonly ComponentBlocks[],
  expected: readonly ComponentBlocks[],
): void {
  actual.forEach(({ blocks }, component) => {
    const other = expected[component]!.blocks;
    const difference = blocks.findIndex((value, at) => value !== other[at]);
    expect({ component, difference, length: blocks.length }).toEqual({
      component,
      difference: -1,
      length: other.length,
    });
  });
}

/** Property tests encode hundreds of pictures, which a busy machine does not do in five seconds. */
const PATIENCE_MS = 120_000;

const decodeStrictly = (jpeg: Uint8Array) => sharp(jpeg, { failOn: 'warning' }).raw().toBuffer();

const anyShift = () => {
  const levels = fc.double({ min: -300, max: 300, noNaN: true });
  return fc.record({ y: levels, cb: levels, cr: levels });
};

it('holds exactly the coefficients of its tiles', async () => {
  const tiles = await photoTiles(6, 128);
  const mosaic = decodeCoefficients(assembleJpeg(assemblyOf(tiles, 3, 2)));
  tiles.forEach((tile, index) => {
    const cell = cellBlocks(mosaic, index % 3, Math.floor(index / 3), 128);
    expectSame(cell, decodeCoefficients(tile));
  });
});

it('has the very pixels of its tiles in a decoder that repeats chroma samples', async () => {
  const tiles = await photoTiles(6, 64);
  const mosaic = decode(assembleJpeg(assemblyOf(tiles, 3, 2)));
  expect([mosaic.width, mosaic.height]).toEqual([192, 128]);
  tiles.forEach((tile, index) => {
    const pixels = decode(tile).data;
    const left = (index % 3) * 64;
    const top = Math.floor(index / 3) * 64;
    for (let y = 0; y < 64; y++) {
      const start = ((top + y) * 192 + left) * 4;
      const line = mosaic.data.subarray(start, start + 64 * 4);
      expect(line.equals(pixels.subarray(y * 64 * 4, (y + 1) * 64 * 4))).toBe(true);
    }
  });
});

it('has the pixels of its tiles in libjpeg, but for a pixel at the edges where chroma is smoothed', async () => {
  const tiles = await photoTiles(4, 64);
  const { data, info } = await sharp(assembleJpeg(assemblyOf(tiles, 2, 2)), { failOn: 'warning' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 128, height: 128, channels: 3 });
  for (const [index, tile] of tiles.entries()) {
    const pixels = await decodeStrictly(tile);
    const left = (index % 2) * 64;
    const top = Math.floor(index / 2) * 64;
    for (let y = 1; y < 63; y++) {
      const start = ((top + y) * 128 + left + 1) * 3;
      const line = data.subarray(start, start + 62 * 3);
      expect(line.equals(pixels.subarray((y * 64 + 1) * 3, (y * 64 + 63) * 3))).toBe(true);
    }
  }
});

it(
  'shifts and mirrors any tiles by any colour exactly, and decodes without a warning',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(16, 32, 128)
          .chain((size) => fc.array(anyPixels([size]), { minLength: 1, maxLength: 3 })),
        fc.array(
          fc.record({ shift: fc.option(anyShift(), { nil: undefined }), mirrored: fc.boolean() }),
          {
            minLength: 6,
            maxLength: 6,
          },
        ),
        fc.constantFrom(20, 85, 100),
        async (pictures, changes, quality) => {
          const tiles = await Promise.all(pictures.map((picture) => encode(picture, quality)));
          const assembly = assemblyOf(tiles, 3, 2, (index) => changes[index]!);
          const jpeg = assembleJpeg(assembly);
          const mosaic = decodeCoefficients(jpeg);
          const { profile, grid } = assembly;
          for (const [index, { shift, mirrored }] of changes.entries()) {
            const tile = tiles[index % tiles.length]!;
            const source = decodeCoefficients(tile);
            const expected = shiftBlocks(
              mirrored ? source.map(mirrorBlocks) : source,
              profile,
              shift ?? { y: 0, cb: 0, cr: 0 },
            );
            const cell = cellBlocks(mosaic, index % 3, Math.floor(index / 3), grid.tileSize);
            expectSame(cell, expected);
          }
          await decodeStrictly(jpeg);
          decode(jpeg);
        },
      ),
      { numRuns: 40 },
    );
  },
  PATIENCE_MS,
);

it(
  'writes a shifted segment as the readable version does',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        anyPixels(),
        anyShift(),
        fc.constantFrom(20, 85, 100),
        async (pixels, shift, quality) => {
          const jpeg = await encode(pixels, quality);
          const profile = readProfile(jpeg);
          const segments = transcodeTile(jpeg, profile);
          const steps = shiftToSteps(profile, shift);
          const assembly = assemblyOf([jpeg], 1, 1, () => ({ shift }));
          const mosaic = assembleJpeg(assembly);
          const expected = Array.from({ length: segments.rows }, (_, row) => [
            ...shiftSegment(segments, row, steps, profile),
            0xff,
            row === segments.rows - 1 ? 0xd9 : 0xd0 + (row % 8),
          ]).flat();
          expect(Buffer.from(mosaic).subarray(-expected.length).equals(Buffer.from(expected))).toBe(
            true,
          );
        },
      ),
      { numRuns: 60 },
    );
  },
  PATIENCE_MS,
);

it('mirrors the picture that people see', async () => {
  const [tile] = await photoTiles(1, 64);
  const pixels = await decodeStrictly(
    assembleJpeg(assemblyOf([tile!], 1, 1, () => ({ mirrored: true }))),
  );
  const flopped = await sharp(await decodeStrictly(tile!), {
    raw: { width: 64, height: 64, channels: 3 },
  })
    .flop()
    .raw()
    .toBuffer();
  const largest = pixels.reduce(
    (max, value, at) => Math.max(max, Math.abs(value - flopped[at]!)),
    0,
  );
  // The inverse DCT of libjpeg and its smoothing of chroma do not round symmetrically.
  expect(largest).toBeLessThanOrEqual(3);
});

it('looks as libjpeg draws the shifted pixels', async () => {
  const size = 64;
  const jpeg = await encode({ size, rgb: new Uint8Array(size * size * 3).fill(100) });
  const assembly = assemblyOf([jpeg], 1, 1, () => ({ shift: { y: 25, cb: 0, cr: 0 } }));
  const pixels = await decodeStrictly(assembleJpeg(assembly));
  expect([...new Set(pixels)]).toEqual([125]);
});

it('clamps a shift instead of wrapping it round', async () => {
  const size = 32;
  const jpeg = await encode({ size, rgb: new Uint8Array(size * size * 3).fill(200) }, 100);
  const assembly = assemblyOf([jpeg], 1, 1, () => ({ shift: { y: 9999, cb: 0, cr: 0 } }));
  expect(shiftToSteps(assembly.profile, { y: 9999, cb: 0, cr: -9999 })).toEqual({
    y: MAX_SHIFT * 8,
    cb: 0,
    cr: -MAX_SHIFT * 8,
  });
  const pixels = await decodeStrictly(assembleJpeg(assembly));
  expect([...new Set(pixels)]).toEqual([255]);
});

it('knows its length beforehand', async () => {
  const tiles = await photoTiles(5, 32);
  const assembly = assemblyOf(tiles, 7, 3, (index) => ({ mirrored: index % 2 === 0 }));
  expect(assembledLength(assembly)).toBe(assembleJpeg(assembly).length);
});

it('hands out chunks of their own, that interleaved assemblies do not disturb', async () => {
  const tiles = await photoTiles(4, 128);
  const assembly = assemblyOf(tiles, 20, 10, (index) =>
    index % 3 === 0 ? { shift: { y: index / 10, cb: -4, cr: 4 } } : {},
  );
  const other = assemblyOf(tiles.slice(1), 20, 10);
  const first = assembleChunks(assembly);
  const second = assembleChunks(other);
  const chunks: Uint8Array[] = [];
  const others: Uint8Array[] = [];
  for (;;) {
    const [a, b] = [first.next(), second.next()];
    if (a.value) chunks.push(a.value);
    if (b.value) others.push(b.value);
    if (a.done && b.done) break;
  }
  expect(chunks.length).toBeGreaterThan(2);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(CHUNK_BYTES * 1.5);
  expect(Buffer.concat(chunks).equals(assembleJpeg(assembly))).toBe(true);
  expect(Buffer.concat(others).equals(assembleJpeg(other))).toBe(true);
});

it('leaves nothing behind when an assembly is abandoned', async () => {
  const tiles = await photoTiles(4, 128);
  const assembly = assemblyOf(tiles, 20, 10, () => ({ shift: { y: 12, cb: 0, cr: 0 } }));
  const expected = assembleJpeg(assembly);
  let seen = 0;
  for (const chunk of assembleChunks(assembly)) {
    seen += chunk.length;
    if (seen > CHUNK_BYTES) break;
  }
  expect(() =>
    assembleJpeg({
      ...assembly,
      tile: (column, row) => {
        if (row === 5) throw new Error('no such tile');
        return assembly.tile(column, row);
      },
    }),
  ).toThrow('no such tile');
  expect(Buffer.from(assembleJpeg(assembly)).equals(expected)).toBe(true);
});

it.each([Head.bits, Head.cbPosition, Head.crPosition])(
  'refuses to shift a tile whose head %i contradicts its profile',
  async (place) => {
    const [tile] = await photoTiles(1, 32);
    const assembly = assemblyOf([tile!], 1, 1);
    const { segments } = assembly.tile(0, 0);
    const heads = segments.heads.with(place, 1);
    expect(() =>
      assembleJpeg({
        ...assembly,
        tile: () => ({ segments: { ...segments, heads }, shift: { y: 1, cb: 0, cr: 0 } }),
      }),
    ).toThrow(expect.objectContaining({ code: 'jpeg.tile-segments' }));
  },
);

it('fits a shift that makes every segment longer', async () => {
  const rgb = new Uint8Array(128 * 128 * 3).fill(128);
  const flat = await encode({ size: 128, rgb }, 100);
  const assembly = assemblyOf([flat], 10, 10, () => ({ shift: { y: 127, cb: -127, cr: 127 } }));
  const jpeg = assembleJpeg(assembly);
  expect(jpeg.length).toBeGreaterThan(assembledLength(assembly));
  expect(jpeg.subarray(-2)).toEqual(Uint8Array.of(0xff, 0xd9));
  await decodeStrictly(jpeg);
});

it('states the density of a print', async () => {
  const [tile] = await photoTiles(1, 16);
  const assembly = assemblyOf([tile!], 1, 1);
  const jpeg = assembleJpeg({ ...assembly, density: { unit: 'inch', x: 300, y: 300 } });
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', density: 300 });
});

it('is a baseline JPEG of its grid, sampled 4:2:0, up to the widest that libjpeg opens', async () => {
  const columns = Math.floor(LIBJPEG_MAX_SIDE / 16);
  const jpeg = assembleJpeg(assemblyOf(await photoTiles(2, 16), columns, 2));
  expect(await sharp(jpeg).metadata()).toMatchObject({
    width: 65_488,
    height: 32,
    chromaSubsampling: '4:2:0',
    isProgressive: false,
    hasProfile: false,
  });
  await decodeStrictly(jpeg);
});

it('assembles tiles of 512 px', async () => {
  const [tile] = await photoTiles(1, 512);
  const jpeg = assembleJpeg(assemblyOf([tile!], 1, 1, () => ({ shift: { y: 3, cb: 0, cr: 0 } })));
  const luma = async (bytes: Uint8Array) =>
    (await sharp(bytes, { failOn: 'warning' }).greyscale().stats()).channels[0]!.mean;
  expect((await luma(jpeg)) - (await luma(tile!))).toBeCloseTo(3, 0);
});

it('reaches the limit of the format, as other decoders confirm', async () => {
  const { width, height } = decode(assembleJpeg(assemblyOf(await photoTiles(2, 16), 4095, 1)));
  expect([width, height]).toEqual([65_520, 16]);
});

it.each([
  ['more than 65,535 px', { columns: 4096, rows: 1, tileSize: 16 }, 'jpeg.too-large'],
  ['more than 65,535 px down', { columns: 1, rows: 512, tileSize: 128 }, 'jpeg.too-large'],
  ['no columns', { columns: 0, rows: 1, tileSize: 16 }, 'jpeg.grid'],
  ['half a row', { columns: 1, rows: 0.5, tileSize: 16 }, 'jpeg.grid'],
  ['tiles of broken MCUs', { columns: 1, rows: 1, tileSize: 100 }, 'jpeg.grid'],
  ['tiles of another size', { columns: 1, rows: 1, tileSize: 32 }, 'jpeg.tile-mismatch'],
])('refuses a grid of %s', async (_, grid, code) => {
  const [tile] = await photoTiles(1, 16);
  const assembly = { ...assemblyOf([tile!], 1, 1), grid };
  expect(() => assembleJpeg(assembly)).toThrow(expect.objectContaining({ code }));
  expect(() => assembledLength(assembly)).toThrow(expect.objectContaining({ code }));
});

it('refuses a density that the header cannot hold', async () => {
  const [tile] = await photoTiles(1, 16);
  const assembly: Assembly = {
    ...assemblyOf([tile!], 1, 1),
    density: { unit: 'cm', x: 118.11, y: 118 },
  };
  expect(() => assembleJpeg(assembly)).toThrow(expect.objectContaining({ code: 'jpeg.density' }));
});

it('is as large as what libjpeg makes of the same pixels', async () => {
  const tiles = await photoTiles(16, 128);
  const jpeg = assembleJpeg(assemblyOf(tiles, 4, 4));
  const pixels = await decodeStrictly(jpeg);
  const encoded = await sharp(pixels, { raw: { width: 512, height: 512, channels: 3 } })
    .jpeg(tileOptions)
    .toBuffer();
  expect(jpeg.length / encoded.length).toBeLessThan(1.02);
});
