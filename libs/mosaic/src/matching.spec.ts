import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import { featureLength, textureAt } from './features';
import { findCandidates } from './candidates';
import { matchTiles } from './matching';
import { defaultMatchOptions, type MatchOptions, type MatchRequest } from './placement';
import { areTooNear, matchTilesByBruteForce } from '../testing/reference';
import { uniformCells } from './cells';
import { neededTiles } from './rules';
import { layouts } from './testing/layouts';
import { randomFeatures } from '../testing/random-features';

const requests: fc.Arbitrary<MatchRequest> = fc
  .record({
    layout: fc.oneof(
      layouts.filter(({ count }) => count <= 90),
      fc
        .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
        .map(([columns, rows]) => uniformCells({ columns, rows, tileSize: 16 })),
    ),
    isFlat: fc.boolean(),
    tiles: fc.integer({ min: 1, max: 120 }),
    subdivisions: fc.constantFrom(4 as const, 8 as const),
    amplitude: fc.constantFrom(6, 500, 16_000),
    repeatDistance: fc.integer({ min: 0, max: 4 }),
    maxUses: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    useAll: fc.boolean(),
    mirror: fc.boolean(),
    colourShift: fc.constantFrom(0, 3, 24),
    seed: fc.nat(1_000),
  })
  .map(({ layout, isFlat, tiles, subdivisions, amplitude, maxUses, ...options }) => {
    const space = { subdivisions, lumaWeight: 2 };
    return {
      cells: randomFeatures(layout.count, options.seed + 1, isFlat ? 0 : amplitude, space),
      library: randomFeatures(tiles, options.seed + 2, amplitude, space),
      layout,
      options: { ...options, ...(maxUses === undefined ? {} : { maxUses }) },
    };
  });

const outcomeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return codeOf(error);
  }
};

function request(
  tiles: number,
  grid: { columns: number; rows: number },
  options: Partial<MatchOptions>,
): MatchRequest {
  const space = { subdivisions: 4, lumaWeight: 2 } as const;
  return {
    cells: randomFeatures(grid.columns * grid.rows, 1, 9_000, space),
    library: randomFeatures(tiles, 2, 9_000, space),
    layout: uniformCells({ ...grid, tileSize: 16 }),
    options: { ...defaultMatchOptions, ...options },
  };
}

describe('matching', () => {
  it('places exactly as brute force does', () => {
    fc.assert(
      fc.property(requests, (each) => {
        expect(outcomeOf(() => matchTiles(each))).toEqual(
          outcomeOf(() => matchTilesByBruteForce(each)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('keeps to the rules', () => {
    fc.assert(
      fc.property(requests, (each) => {
        const { library, options, cells, layout } = each;
        fc.pre(library.count * (options.maxUses ?? Infinity) >= cells.count);
        fc.pre(!options.useAll || library.count <= cells.count);
        const { statistics, shifts, mirrored, relaxed, tiles } = matchTiles(each);
        const distance = relaxed?.repeatDistance ?? options.repeatDistance;
        expect(statistics.minDistance ?? Infinity).toBeGreaterThan(distance);
        tiles.forEach((tile, a) => {
          for (let b = 0; b < a; b++) {
            if (tiles[b] === tile) expect(areTooNear(layout, a, b, distance)).toBe(false);
          }
        });
        expect(statistics.maxUses).toBeLessThanOrEqual(options.maxUses ?? Infinity);
        if (options.useAll) expect(statistics.distinctTiles).toBe(library.count);
        if (!options.mirror) expect(mirrored).not.toContain(1);
        for (const shift of shifts)
          expect(Math.abs(shift)).toBeLessThanOrEqual(options.colourShift);
      }),
    );
  });

  it('gives the same placement for the same seed, and another for another seed', () => {
    const place = (seed: number) =>
      matchTiles(request(200, { columns: 20, rows: 20 }, { seed })).tiles;
    expect(place(3)).toEqual(place(3));
    expect(place(3)).not.toEqual(place(4));
  });

  it('places the same from candidates that were searched in parts', () => {
    const each = request(300, { columns: 15, rows: 12 }, { mirror: true });
    const parts = [findCandidates(each, 100, 180), findCandidates(each, 0, 100)];
    expect(matchTiles(each, parts)).toEqual(matchTiles(each));
  });

  it('refuses candidates that leave out cells', () => {
    const each = request(300, { columns: 15, rows: 12 }, {});
    const run = () => matchTiles(each, [findCandidates(each, 0, 100), findCandidates(each, 101)]);
    expect(outcomeOf(run)).toBe('mosaic.bad-request');
    expect(run).toThrow('100 of 180 cells');
  });

  it('fills a grid with the fewest tiles that the distance allows', () => {
    const { statistics } = matchTiles(request(9, { columns: 10, rows: 10 }, { repeatDistance: 2 }));
    expect(statistics.minDistance).toBe(3);
  });

  it('keeps the distance wherever a lattice of so many tiles can', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 4, max: 12 }),
        fc.boolean(),
        (repeatDistance, side, isFlat) => {
          const grid = { columns: side, rows: side };
          const each = request(neededTiles(grid, { repeatDistance }), grid, { repeatDistance });
          const cells = isFlat
            ? { ...each.cells, values: each.cells.values.map(() => 0) }
            : each.cells;
          const { relaxed, statistics } = matchTiles({ ...each, cells });
          expect(relaxed).toBeUndefined();
          expect(statistics.minDistance ?? Infinity).toBeGreaterThan(repeatDistance);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    [35, 4],
    [9, 2],
    [3, 0],
    [1, 0],
  ])('makes a mosaic of %d photos, with no repeat within %d cells', (tiles, distance) => {
    const each = request(tiles, { columns: 20, rows: 15 }, { repeatDistance: 5 });
    const { relaxed, statistics } = matchTiles(each);
    expect(relaxed).toEqual({ repeatDistance: distance });
    expect(statistics.minDistance).toBeGreaterThan(distance);
    expect(statistics.distinctTiles).toBe(tiles);
  });

  it('makes no wallpaper where the picture is flat', () => {
    const each = request(400, { columns: 40, rows: 30 }, {});
    const flat = { ...each, cells: { ...each.cells, values: each.cells.values.map(() => 0) } };
    const { repetition, minDistance } = matchTiles(flat).statistics;
    expect(repetition).toBeLessThan(0.05);
    expect(minDistance).toBeGreaterThan(5);
  });

  it.each([
    ['no tiles', 0, {}, 'mosaic.empty-library', 'add at least one'],
    [
      'fewer than the uses need',
      9,
      { repeatDistance: 0, maxUses: 10 },
      'mosaic.library-too-small',
      'need 10',
    ],
    ['more than can all be used', 101, { useAll: true }, 'mosaic.library-too-large', '100 cells'],
  ] as const)('refuses a library with %s', (_, tiles, options, code, message) => {
    const each = request(tiles, { columns: 10, rows: 10 }, options);
    expect(outcomeOf(() => matchTiles(each))).toBe(code);
    expect(() => matchTiles(each)).toThrow(message);
  });

  it('chooses the tile that is nearest after the shift, not before it', () => {
    const space = { subdivisions: 4, lumaWeight: 2 } as const;
    const vector = (mean: number, detail: number) => {
      const values = new Int16Array(featureLength(space));
      values[0] = mean;
      values[textureAt + 1] = detail;
      return values;
    };
    const library = {
      space,
      count: 2,
      values: Int16Array.of(...vector(0, 0), ...vector(640, 300)),
    };
    const each: MatchRequest = {
      cells: { space, count: 1, values: vector(0, 300) },
      library,
      layout: uniformCells({ columns: 1, rows: 1, tileSize: 16 }),
      options: { ...defaultMatchOptions, colourShift: 0 },
    };
    expect(matchTiles(each).tiles).toEqual(Uint32Array.of(0));
    const shifted = matchTiles({ ...each, options: { ...each.options, colourShift: 24 } });
    expect(shifted.tiles).toEqual(Uint32Array.of(1));
    // A mean of 640 feature units is 20 levels: 8 units a level, times 4 sub-cells a side.
    expect(shifted.shifts).toEqual(Int8Array.of(-20, 0, 0));
  });

  it('uses a mirrored tile where that is nearer', () => {
    const space = { subdivisions: 4, lumaWeight: 2 } as const;
    const leftBright = new Int16Array(featureLength(space));
    leftBright[textureAt + 1] = 400;
    const rightBright = leftBright.map((value) => -value);
    const each: MatchRequest = {
      cells: { space, count: 1, values: rightBright },
      library: { space, count: 1, values: leftBright },
      layout: uniformCells({ columns: 1, rows: 1, tileSize: 16 }),
      options: { ...defaultMatchOptions, mirror: true },
    };
    const { mirrored, statistics } = matchTiles(each);
    expect({ mirrored, distance: statistics.distance }).toEqual({
      mirrored: Uint8Array.of(1),
      distance: 0,
    });
  });
});
