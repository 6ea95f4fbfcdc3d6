import { defaultMatchOptions, maxPairs } from '@mosaicme/mosaic';
import { allowedOptions, quickPairs } from './allowed-options';
import type { RenderOptions } from './render';

const options: RenderOptions = {
  grid: { columns: 10, rows: 10 },
  tileSize: 64,
  match: { ...defaultMatchOptions, useAll: true },
  optimal: true,
  whenTooLarge: 'relax',
};

describe('allowedOptions', () => {
  it.each([
    [100, true, true, []],
    [101, false, true, ['useAll']],
    [Math.floor(maxPairs / 100), false, true, ['useAll']],
    [Math.floor(maxPairs / 100) + 1, false, false, ['useAll', 'optimal']],
  ])('of %i tiles: every tile used %s, chosen together %s', (tiles, useAll, optimal, relaxed) => {
    expect(allowedOptions(options, 100, tiles)).toEqual({
      match: { ...options.match, useAll },
      optimal,
      relaxed: relaxed.map((option) => ({ option, wanted: true, kept: false })),
    });
  });

  it('leaves the options as they are unless they may be relaxed', () => {
    const strict = { ...options, whenTooLarge: 'refuse' } as const;
    const { match, optimal } = options;
    expect(allowedOptions(strict, 100, 10 ** 9)).toEqual({ match, optimal, relaxed: [] });
  });

  it.each([
    ['a limit on uses', { maxUses: 2 }, 100, true],
    ['every tile to be used', { useAll: true }, 100, true],
    ['no limit', {}, 100, false],
    ['a limit, but more pairs than are quickly compared', { maxUses: 2 }, quickPairs, false],
  ])('chooses by itself how: %s', (_, limits, tiles, together) => {
    const open = { ...options, match: { ...defaultMatchOptions, ...limits }, optimal: undefined };
    expect(allowedOptions(open, 100, tiles).optimal).toBe(together);
  });
});
