import { cellCount, maxPairs, type Grid, type MatchOptions } from '@mosaicme/mosaic';
import type { RenderOptions } from './render';

/** The options for a library of so many tiles: as given, or without those that it is too large for. */
export function allowedOptions(
  { match, optimal = false, whenTooLarge = 'refuse' }: RenderOptions,
  grid: Grid,
  tiles: number,
): { readonly match: MatchOptions; readonly optimal: boolean } {
  if (whenTooLarge === 'refuse') return { match, optimal };
  const cells = cellCount(grid);
  return {
    match: { ...match, useAll: match.useAll && tiles <= cells },
    optimal: optimal && tiles * cells <= maxPairs,
  };
}
