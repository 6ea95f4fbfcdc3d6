import { webAssembly } from '@mosaicme/wasm';
import fc from 'fast-check';
import { randomFeatures } from '../testing/random-features';
import { featureLength } from './features';
import { prepareLibrary } from './library';
import { createScriptEngine } from './script-engine';
import type { SearchEngine } from './search-engine';
import { assembleSearchKernel, unreachable } from './search-kernel';
import { createWasmEngine } from './wasm-engine';

const cases = fc.record({
  tiles: fc.integer({ min: 1, max: 300 }),
  subdivisions: fc.constantFrom(4 as const, 8 as const),
  amplitude: fc.constantFrom(4, 1_000, 20_000),
  allowance: fc.tuple(fc.nat(8_000), fc.nat(4_000), fc.nat(4_000), fc.constantFrom(0, 11_000)),
  count: fc.integer({ min: 1, max: 60 }),
  limit: fc.constantFrom(0, 100_000, unreachable),
  blockEvery: fc.integer({ min: 2, max: 5 }),
  seed: fc.nat(1_000),
});

/** All tiles in order of cost, then of id: what a search is to return the beginning of. */
function byBruteForce(
  query: Int16Array,
  values: Int16Array,
  allowance: readonly number[],
  isBlocked: (tile: number) => boolean,
): { id: number; cost: number }[] {
  const { length } = query;
  return Array.from({ length: values.length / length }, (_, id) => {
    const cost = query.reduce((sum, value, index) => {
      const difference = Math.abs(value - (values[id * length + index] ?? 0));
      return sum + Math.max(0, difference - (allowance[index] ?? 0)) ** 2;
    }, 0);
    return { id, cost };
  })
    .filter(({ id }) => !isBlocked(id))
    .sort((a, b) => a.cost - b.cost || a.id - b.id);
}

function nearest(
  engine: SearchEngine,
  query: Int16Array,
  options: Parameters<SearchEngine['search']>[1],
  limit: number,
) {
  const { count } = options;
  for (let entry = 0; entry < count; entry++) engine.best.set([0xffffffff, limit], entry * 2);
  engine.search(query, options);
  return Array.from({ length: count }, (_, entry) => ({
    id: engine.best[entry * 2],
    cost: engine.best[entry * 2 + 1],
  })).filter(({ id }) => id !== 0xffffffff);
}

const api = webAssembly;
if (!api) throw new Error('These tests need WebAssembly.');

describe.each([
  [
    'WebAssembly',
    (index: Parameters<typeof createScriptEngine>[0]) => createWasmEngine(api, index),
  ],
  ['script', createScriptEngine],
])('the search engine in %s', (_, createEngine) => {
  it('finds exactly the nearest tiles that are not blocked', () => {
    fc.assert(
      fc.property(
        cases,
        ({ tiles, subdivisions, amplitude, allowance, count, limit, blockEvery, seed }) => {
          const space = { subdivisions, lumaWeight: 2 };
          const features = randomFeatures(tiles, seed, amplitude, space);
          const length = featureLength(space);
          const engine = createEngine({
            parts: prepareLibrary(features).indexFor('shifted'),
            length,
            tileCount: tiles,
          });
          const isBlocked = (tile: number) => tile % blockEvery === 0;
          engine.blocked.forEach((__, tile) => (engine.blocked[tile] = isBlocked(tile) ? 1 : 0));
          const query = randomFeatures(1, seed + 1, amplitude, space).values;
          const options = { allowance, idOffset: 0, count };
          expect(nearest(engine, query, options, limit)).toEqual(
            byBruteForce(query, features.values, allowance, isBlocked)
              .filter(({ cost }) => cost <= limit)
              .slice(0, count),
          );
        },
      ),
    );
  });
});

describe('the search kernel', () => {
  it.each([24, 72])('is a valid module for vectors of %d numbers', (length) => {
    expect(api.validate(assembleSearchKernel(length))).toBe(true);
  });
});
