import fc from 'fast-check';
import { randomFeatures } from '../testing/random-features';
import { uniformCells } from './cells';
import { matchTiles } from './matching';
import { matchTilesOptimally } from './optimal';
import { defaultMatchOptions } from './placement';

describe.each([
  ['matchTiles', matchTiles],
  ['matchTilesOptimally', matchTilesOptimally],
])('%s', (_name, match) => {
  it('keeps photos of one scene as far apart as uses of one tile', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 9 }),
        fc.integer({ min: 3, max: 9 }),
        fc.integer({ min: 1, max: 2 }),
        fc.nat(1_000),
        (columns, rows, repeatDistance, seed) => {
          const layout = uniformCells({ columns, rows, tileSize: 16 });
          const cells = randomFeatures(columns * rows, seed, 8_000);
          const library = randomFeatures(120, seed + 1, 8_000);
          const scenes = Uint32Array.from({ length: 120 }, (_, tile) => 1_000 + (tile % 60));
          const options = { ...defaultMatchOptions, repeatDistance, seed };
          const { tiles } = match({ cells, library, layout, options, scenes });
          for (let cell = 0; cell < tiles.length; cell++) {
            for (let other = 0; other < cell; other++) {
              const across = Math.abs((cell % columns) - (other % columns));
              const down = Math.abs(Math.floor(cell / columns) - Math.floor(other / columns));
              if (Math.max(across, down) > repeatDistance) continue;
              expect(scenes[tiles[cell]!]).not.toBe(scenes[tiles[other]!]);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('lets photos of one scene be neighbours rather than fail where there are too few scenes', () => {
    const layout = uniformCells({ columns: 6, rows: 6, tileSize: 16 });
    const cells = randomFeatures(36, 1, 8_000);
    const library = randomFeatures(20, 2, 8_000);
    const scenes = new Uint32Array(20);
    const options = { ...defaultMatchOptions, repeatDistance: 1 };
    const { tiles, relaxed } = match({ cells, library, layout, options, scenes });
    expect(relaxed).toBeUndefined();
    tiles.forEach((tile, cell) => {
      if (cell % 6 > 0) expect(tile).not.toBe(tiles[cell - 1]);
    });
  });
});
