import fc from 'fast-check';
import { findCandidates } from './candidates';
import { improvePlacement, type Draft } from './improve';
import { uniformCells } from './cells';
import { Neighbours } from './neighbours';
import { defaultMatchOptions } from './placement';
import { Reuse } from './reuse';
import { Taste } from './taste';
import { shuffledIndices } from '@mosaicme/random';
import { searchOptions } from './searcher';
import { comparableVectors } from './metric';
import { featureLength, textureAllowance } from './features';
import { randomFeatures } from '../testing/random-features';
import { visitOrder } from './visit-order';

describe('exchanges between neighbours', () => {
  it('lower the cost and keep every rule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 0, max: 3 }),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        fc.boolean(),
        fc.nat(1_000),
        (columns, rows, repeatDistance, maxUses, useAll, seed) => {
          const grid = { columns, rows };
          const cells = randomFeatures(columns * rows, seed, 8_000);
          // As many tiles as cells, each placed once at random: a bad start that breaks no rule.
          const library = randomFeatures(columns * rows, seed + 1, 8_000);
          const options = {
            ...defaultMatchOptions,
            repeatDistance,
            useAll,
            ...(maxUses === undefined ? {} : { maxUses }),
          };
          const layout = uniformCells({ ...grid, tileSize: 16 });
          const request = { cells, library, layout, options };
          const costOf = costFunction(request);
          const tiles = shuffledIndices(cells.count, seed);
          const reuse = new Reuse(layout, library.count, maxUses);
          tiles.forEach((tile, cell) => reuse.place(cell, tile));
          const draft: Draft = {
            reuse,
            mirrored: new Uint8Array(cells.count),
            costs: Int32Array.from(tiles, (tile, cell) => costOf(cell, tile)),
          };
          const nearest = findCandidates(request);
          const taste = new Taste(layout, cells, nearest, reuse, seed);
          const before = total(draft, taste);
          const neighbours = new Neighbours(layout, repeatDistance);
          const order = visitOrder(layout, seed);
          improvePlacement(draft, nearest, neighbours, taste, options, order);
          expect(total(draft, taste)).toBeLessThanOrEqual(before * (1 + 1e-9));
          reuse.tiles.forEach((tile, cell) => expect(draft.costs[cell]).toBe(costOf(cell, tile)));
          const usesOf = new Map<number, number[]>();
          reuse.tiles.forEach((tile, cell) =>
            usesOf.set(tile, [...(usesOf.get(tile) ?? []), cell]),
          );
          for (const uses of usesOf.values()) {
            expect(uses.length).toBeLessThanOrEqual(maxUses ?? Infinity);
            for (const a of uses) {
              for (const b of uses) {
                if (a !== b) expect(chebyshev(a, b, columns)).toBeGreaterThan(repeatDistance);
              }
            }
          }
          if (useAll) expect(usesOf.size).toBe(library.count);
        },
      ),
    );
  });
});

/** The biased costs, and the price of each pair of uses once from either side. */
const total = ({ costs, reuse }: Draft, taste: Taste) =>
  costs.reduce((sum, cost, cell) => {
    const tile = reuse.tiles[cell] ?? 0;
    return sum + taste.biased(cell, tile, cost) + taste.priceOf(cell, tile);
  }, 0);

const chebyshev = (a: number, b: number, columns: number) =>
  Math.max(
    Math.abs(Math.floor(a / columns) - Math.floor(b / columns)),
    Math.abs((a % columns) - (b % columns)),
  );

function costFunction(
  request: Parameters<typeof findCandidates>[0] & { library: ReturnType<typeof randomFeatures> },
) {
  const { metric, allowance } = searchOptions(request, 1);
  const length = featureLength(request.cells.space);
  const cells = comparableVectors(request.cells, metric);
  const tiles = comparableVectors(request.library, metric);
  return (cell: number, tile: number) => {
    const allowances = [...allowance, textureAllowance(request.cells, cell)];
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const difference = (cells[cell * length + index] ?? 0) - (tiles[tile * length + index] ?? 0);
      sum += Math.max(0, Math.abs(difference) - (allowances[index] ?? 0)) ** 2;
    }
    return sum;
  };
}
