import { decode } from 'jpeg-js';
import fc from 'fast-check';
import sharp from 'sharp';
import { anyPixels, encode, photoTiles, tileOptions } from '../testing/pictures';
import type { CellAssembly, PlacedCell } from './assemble';
import { assembleCells, assembleChunks } from './assemble';
import { decodeCoefficients, type ComponentBlocks } from './coefficients';
import { readProfile, shiftToSteps, type ColourShift, type TileProfile } from './profile';
import type { TileSegments } from './segments';
import { joinSegments } from './shift';
import { transcodeTile } from './transcode';
import { mirrorTile } from './mirror';

const decodeStrictly = (jpeg: Uint8Array) => sharp(jpeg, { failOn: 'warning' }).raw().toBuffer();
const assemble = (assembly: CellAssembly) => Buffer.concat([...assembleCells(assembly)]);

interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Divides bands of squares as a quadtree does; `divide` decides. */
function squares(columns: number, rows: number, largest: number, divide: () => boolean): Square[] {
  const all: Square[] = [];
  const visit = (left: number, top: number, side: number) => {
    if (side === 16 || !divide()) {
      all.push({ left, top, side });
      return;
    }
    const half = side / 2;
    for (const [x, y] of [
      [0, 0],
      [half, 0],
      [0, half],
      [half, half],
    ] as const) {
      visit(left + x, top + y, half);
    }
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      visit(column * largest, row * largest, largest);
  }
  return all;
}

interface Source {
  readonly jpeg: Uint8Array;
  readonly tile: TileSegments;
}

/** The tiles of the pictures at each size. */
async function tilesBySize(count: number) {
  const bySize = new Map<number, Source[]>();
  let profile: TileProfile | undefined;
  for (const side of [16, 32, 64, 128]) {
    const photos = await photoTiles(count, side);
    profile ??= readProfile(photos[0]!);
    const own = profile;
    bySize.set(
      side,
      photos.map((jpeg) => ({ jpeg, tile: transcodeTile(jpeg, own) })),
    );
  }
  return { bySize, profile: profile! };
}

/** The blocks of a place in the coefficients of a picture. */
function blocksAt(picture: readonly ComponentBlocks[], { left, top, side }: Square) {
  return picture.map(({ columns, blocks }, component) => {
    const step = component === 0 ? 8 : 16;
    const across = side / step;
    const own = new Int16Array(across * across * 64);
    for (let y = 0; y < across; y++) {
      const start = ((top / step + y) * columns + left / step) * 64;
      own.set(blocks.subarray(start, start + across * 64), y * across * 64);
    }
    return own;
  });
}

const shifts = fc.record({
  y: fc.integer({ min: -127, max: 127 }),
  cb: fc.integer({ min: -127, max: 127 }),
  cr: fc.integer({ min: -127, max: 127 }),
});
const changes = fc.record({
  shift: fc.option(shifts, { nil: undefined }),
  mirrored: fc.boolean(),
  pick: fc.nat(3),
});

it('holds exactly the coefficients of its tiles, of all sizes, shifted and mirrored', async () => {
  const { bySize, profile } = await tilesBySize(4);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      fc.constantFrom(16, 32, 64, 128),
      fc.infiniteStream(fc.boolean()),
      fc.infiniteStream(changes),
      async (columns, rows, largest, divide, change) => {
        const cells = squares(columns, rows, largest, () => divide.next().value!).map((square) => {
          const { pick, ...rest } = change.next().value!;
          return { square, source: bySize.get(square.side)![pick]!, ...rest };
        });
        const jpeg = assemble({
          ...{ profile, width: columns * largest, height: rows * largest, bandHeight: largest },
          cells: cells.map(({ square: { left, top }, source, shift, mirrored }) => ({
            ...{ left, top, segments: source.tile, shift, mirrored },
          })),
        });
        const picture = decodeCoefficients(jpeg);
        for (const { square, source, shift, mirrored } of cells) {
          const alone = assembleChunks({
            profile,
            grid: { columns: 1, rows: 1, tileSize: square.side },
            tile: () => ({ segments: source.tile, shift, mirrored }),
          });
          const expected = decodeCoefficients(Buffer.concat([...alone]));
          const actual = blocksAt(picture, square);
          expected.forEach(({ blocks }, component) => {
            expect(actual[component]!.findIndex((value, at) => value !== blocks[at])).toBe(-1);
          });
        }
        await decodeStrictly(jpeg);
        decode(jpeg);
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

it('writes the bytes of the readable version, whatever the picture', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyPixels([16]), { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(shifts),
      fc.constantFrom(20, 85, 95),
      async (pictures, shift, quality) => {
        const jpegs = await Promise.all(pictures.map((picture) => encode(picture, quality)));
        const profile = readProfile(jpegs[0]!);
        const cells = jpegs.map((jpeg, index) => ({
          ...{ left: index * 16, top: 0, shift: shift.next().value },
          segments: transcodeTile(jpeg, profile),
        }));
        const line = joinSegments(
          cells.map(({ segments, shift }) => ({
            ...{ tile: segments, row: 0, steps: shiftToSteps(profile, shift!) },
          })),
          profile,
        );
        const width = 16 * cells.length;
        const jpeg = assemble({ profile, width, height: 16, bandHeight: 16, cells });
        expect(jpeg.subarray(-line.length - 2)).toEqual(Buffer.from([...line, 0xff, 0xd9]));
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

it('knows the last colour of a mirrored tile', async () => {
  const { bySize, profile } = await tilesBySize(2);
  const [first, second] = bySize.get(64)!;
  const place = (segments: TileSegments, left: number) => ({ left, top: 0, segments });
  const draw = (cells: readonly PlacedCell[]) =>
    assemble({ profile, width: 128, height: 64, bandHeight: 64, cells });
  const mirrored = { ...place(first!.tile, 0), mirrored: true };
  const turned = place(mirrorTile(first!.tile, profile), 0);
  const other = place(second!.tile, 64);
  expect(draw([mirrored, other])).toEqual(draw([turned, other]));
});

it('takes no more bytes than what libjpeg makes of the same pixels', async () => {
  const { bySize, profile } = await tilesBySize(16);
  const sizes = [128, 64, 32, 16];
  let next = 0;
  const divided = squares(4, 4, 128, () => next++ % 3 > 0);
  const cells = divided.map(({ left, top, side }, index) => ({
    ...{ left, top, segments: bySize.get(side)![index % 16]!.tile },
  }));
  expect(sizes.every((side) => divided.some((square) => square.side === side))).toBe(true);
  const jpeg = assemble({ profile, width: 512, height: 512, bandHeight: 128, cells });
  const pixels = await decodeStrictly(jpeg);
  const encoded = await sharp(pixels, { raw: { width: 512, height: 512, channels: 3 } })
    .jpeg(tileOptions)
    .toBuffer();
  expect(jpeg.length / encoded.length).toBeLessThan(1.005);
});

describe('refuses', () => {
  const shifted: ColourShift = { y: 127, cb: 0, cr: 0 };
  const cases: readonly (readonly [
    string,
    Partial<CellAssembly>,
    readonly [number, number][],
    string,
  ])[] = [
    ['a gap', {}, [[0, 0]], 'jpeg.cells'],
    [
      'an overlap',
      {},
      [
        [0, 0],
        [0, 0],
        [16, 0],
      ],
      'jpeg.cells',
    ],
    [
      'a cell beyond the picture',
      {},
      [
        [0, 0],
        [16, 0],
        [32, 0],
      ],
      'jpeg.cells',
    ],
    [
      'a cell between two MCUs',
      {},
      [
        [0, 0],
        [8, 0],
      ],
      'jpeg.cells',
    ],
    [
      'a cell across bands',
      { height: 32 },
      [
        [0, 0],
        [16, 8],
      ],
      'jpeg.cells',
    ],
    [
      'bands out of order',
      { height: 32 },
      [
        [0, 16],
        [16, 16],
        [0, 0],
        [16, 0],
      ],
      'jpeg.cells',
    ],
    [
      'a last band that is missing',
      { height: 32 },
      [
        [0, 0],
        [16, 0],
      ],
      'jpeg.cells',
    ],
    ['no cells', {}, [], 'jpeg.cells'],
    ['broken MCUs', { width: 40 }, [[0, 0]], 'jpeg.grid'],
    ['a picture that is too wide', { width: 65_536 }, [[0, 0]], 'jpeg.too-large'],
  ];
  it.each(cases)('%s', async (_, change, places, code) => {
    const { bySize, profile } = await tilesBySize(1);
    const segments = bySize.get(16)![0]!.tile;
    const cells = places.map(([left, top]) => ({ left, top, segments }));
    const assembly = { profile, width: 32, height: 16, bandHeight: 16, cells, ...change };
    expect(() => assemble(assembly)).toThrow(expect.objectContaining({ code }));
  });

  it('neighbours that differ more than the format can say', async () => {
    const flat = (level: number) =>
      encode({ size: 16, rgb: new Uint8Array(16 * 16 * 3).fill(level) }, 100);
    const [black, white] = [await flat(0), await flat(255)];
    const profile = readProfile(black);
    const cells = [
      { left: 0, top: 0, segments: transcodeTile(black, profile), shift: { ...shifted, y: -127 } },
      { left: 16, top: 0, segments: transcodeTile(white, profile), shift: shifted },
    ];
    expect(() => assemble({ profile, width: 32, height: 16, bandHeight: 16, cells })).toThrow(
      expect.objectContaining({ code: 'jpeg.dc-range' }),
    );
  });
});
