import { defaultMatchOptions, maxPairs } from '@mosaicme/mosaic';
import { allowedOptions } from './allowed-options';
import type { RenderOptions } from './render';

const grid = { columns: 10, rows: 10, tileSize: 64 };
const options: RenderOptions = {
  grid,
  tileSize: 64,
  match: { ...defaultMatchOptions, useAll: true },
  optimal: true,
  whenTooLarge: 'relax',
};

describe('allowedOptions', () => {
  it.each([
    [100, true, true],
    [101, false, true],
    [Math.floor(maxPairs / 100), false, true],
    [Math.floor(maxPairs / 100) + 1, false, false],
  ])('of %i tiles: every tile used %s, chosen together %s', (tiles, useAll, optimal) => {
    expect(allowedOptions(options, grid, tiles)).toEqual({
      match: { ...options.match, useAll },
      optimal,
    });
  });

  it('leaves the options as they are unless they may be relaxed', () => {
    const strict = { ...options, whenTooLarge: 'refuse' } as const;
    const { match, optimal } = options;
    expect(allowedOptions(strict, grid, 10 ** 9)).toEqual({ match, optimal });
  });
});
