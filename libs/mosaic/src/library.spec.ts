import { uniformCells } from './cells';
import { codeOf } from '@mosaicme/errors';
import fc from 'fast-check';
import type { BlockIndex } from './block-index';
import { collectFeatures, featureLength, type Features } from './features';
import { extendLibrary, prepareLibrary } from './library';
import { matchTiles } from './matching';
import { defaultMatchOptions } from './placement';
import { randomFeatures } from '../testing/random-features';

const all = randomFeatures(3_000, 5, 9_000);
const length = featureLength(all.space);

/** The tiles from `from` up to and without `to`. */
const slice = (from: number, to: number): Features => ({
  space: all.space,
  count: to - from,
  values: all.values.slice(from * length, to * length),
});

const tilesIn = (parts: readonly BlockIndex[]) =>
  parts.flatMap(({ tileIds }) => [...tileIds].filter((tile) => tile >= 0)).sort((a, b) => a - b);

describe('a prepared library', () => {
  it('indexes every tile once, however it grew', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }), (sizes) => {
        let library = prepareLibrary(collectFeatures([]));
        let count = 0;
        for (const size of sizes) {
          library = extendLibrary(library, slice(count, count + size));
          count += size;
          // Read at some sizes only: what was not indexed before must be caught up with.
          if (size % 2) library.indexFor('shifted');
        }
        expect(tilesIn(library.indexFor('shifted'))).toEqual(
          Array.from({ length: count }, (_, tile) => tile),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('matches the same after growing as when made at once', () => {
    const cells = randomFeatures(400, 6, 9_000);
    const request = {
      cells,
      layout: uniformCells({ columns: 20, rows: 20, tileSize: 16 }),
      options: defaultMatchOptions,
    };
    const first = prepareLibrary(slice(0, 1_000));
    matchTiles({ ...request, library: first });
    const grown = extendLibrary(extendLibrary(first, slice(1_000, 1_100)), slice(1_100, 1_150));
    expect(matchTiles({ ...request, library: grown })).toEqual(
      matchTiles({ ...request, library: slice(0, 1_150) }),
    );
  });

  it('does not index old tiles anew when a few are added', () => {
    const library = prepareLibrary(slice(0, 2_900));
    const [before] = library.indexFor('shifted');
    const parts = extendLibrary(library, slice(2_900, 3_000)).indexFor('shifted');
    expect(parts[0]).toBe(before);
    expect(tilesIn(parts.slice(1))).toHaveLength(100);
  });

  it('keeps few parts while it grows by many small steps', () => {
    let library = prepareLibrary(slice(0, 10));
    for (let count = 10; count < 2_000; count += 10) {
      library = extendLibrary(library, slice(count, count + 10));
      expect(library.indexFor('shifted').length).toBeLessThanOrEqual(Math.log2(count));
    }
  });

  it('refuses tiles of another feature space', () => {
    const other = randomFeatures(3, 1, 100, { subdivisions: 8, lumaWeight: 2 });
    const grow = () => extendLibrary(prepareLibrary(slice(0, 3)), other);
    try {
      grow();
    } catch (error) {
      expect(codeOf(error)).toBe('mosaic.bad-features');
    }
    expect(grow).toThrow('another feature space');
  });
});
