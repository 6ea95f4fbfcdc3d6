import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import { uniformCells } from './cells';
import { auction } from './auction';
import { matchTiles } from './matching';
import { matchTilesOptimally } from './optimal';
import { defaultMatchOptions } from './placement';
import { neededTiles } from './rules';
import { randomFeatures } from '../testing/random-features';

/** The least total cost, by trying every assignment. */
function leastCost(costs: Int32Array, persons: number, room: Uint32Array): number {
  const left = Uint32Array.from(room);
  const from = (person: number): number => {
    if (person === persons) return 0;
    let least = Infinity;
    left.forEach((places, object) => {
      if (places === 0) return;
      left[object] = places - 1;
      least = Math.min(least, (costs[person * room.length + object] ?? 0) + from(person + 1));
      left[object] = places;
    });
    return least;
  };
  return from(0);
}

const problems = fc
  .record({
    persons: fc.integer({ min: 1, max: 6 }),
    room: fc.uint32Array({ min: 0, max: 3, minLength: 1, maxLength: 5 }),
    costs: fc.int32Array({ min: 0, max: 50, minLength: 30, maxLength: 30 }),
  })
  .filter(({ persons, room }) => room.reduce((sum, places) => sum + places, 0) >= persons);

describe('the auction', () => {
  it('reaches the least cost, and proves it by its bound', () => {
    fc.assert(
      fc.property(problems, ({ persons, room, costs }) => {
        // Whole costs and a total slack below 1 leave no room for anything but the optimum.
        const epsilon = 1 / (persons + 1);
        const { objects, lowerBound } = auction(costs, persons, room, epsilon);
        const used = new Uint32Array(room.length);
        let cost = 0;
        objects.forEach((object, person) => {
          used[object] = (used[object] ?? 0) + 1;
          cost += costs[person * room.length + object] ?? 0;
        });
        used.forEach((places, object) => expect(places).toBeLessThanOrEqual(room[object] ?? 0));
        expect(cost).toBe(leastCost(costs, persons, room));
        expect(lowerBound).toBeLessThanOrEqual(cost + 1e-9);
        expect(lowerBound).toBeGreaterThan(cost - 1);
      }),
    );
  });
});

describe('optimal matching', () => {
  const requests = fc
    .record({
      columns: fc.integer({ min: 1, max: 8 }),
      rows: fc.integer({ min: 1, max: 8 }),
      tiles: fc.integer({ min: 1, max: 60 }),
      repeatDistance: fc.integer({ min: 0, max: 2 }),
      maxUses: fc.integer({ min: 1, max: 6 }),
      useAll: fc.boolean(),
      mirror: fc.boolean(),
      colourShift: fc.constantFrom(0, 24),
      seed: fc.nat(100),
    })
    .map(({ columns, rows, tiles, ...options }) => ({
      cells: randomFeatures(columns * rows, options.seed + 1, 8_000),
      library: randomFeatures(tiles, options.seed + 2, 8_000),
      grid: { columns, rows },
      layout: uniformCells({ columns, rows, tileSize: 16 }),
      options,
    }))
    .filter(
      ({ library, cells, grid, options }) =>
        library.count >= neededTiles(grid, options) &&
        (!options.useAll || library.count <= cells.count),
    );

  it('keeps to the rules, is never worse than greedy and never better than its bound', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { statistics, leastDistance } = matchTilesOptimally(request);
        const { options, library } = request;
        expect(statistics.maxUses).toBeLessThanOrEqual(options.maxUses);
        expect(statistics.minDistance ?? Infinity).toBeGreaterThan(options.repeatDistance);
        if (options.useAll) expect(statistics.distinctTiles).toBe(library.count);
        expect(statistics.distance).toBeLessThanOrEqual(matchTiles(request).statistics.distance);
        expect(statistics.distance).toBeGreaterThanOrEqual(leastDistance - 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('comes within half a per cent of the least distance under a limit on uses alone', () => {
    const { statistics, leastDistance } = matchTilesOptimally({
      cells: randomFeatures(400, 1, 8_000),
      library: randomFeatures(110, 2, 8_000),
      layout: uniformCells({ columns: 20, rows: 20, tileSize: 16 }),
      options: { ...defaultMatchOptions, colourShift: 0, repeatDistance: 0, maxUses: 4 },
    });
    expect(statistics.distance).toBeLessThanOrEqual(leastDistance * 1.005);
  });

  it('refuses what would not fit memory', () => {
    const run = () =>
      matchTilesOptimally({
        cells: randomFeatures(10_000, 1, 100),
        library: randomFeatures(4_000, 2, 100),
        layout: uniformCells({ columns: 100, rows: 100, tileSize: 16 }),
        options: defaultMatchOptions,
      });
    expect(run).toThrow('at most 33554432 pairs');
    try {
      run();
    } catch (error) {
      expect(codeOf(error)).toBe('mosaic.too-large-for-optimal');
    }
  });
});
