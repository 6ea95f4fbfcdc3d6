import { maxPairs, type MatchOptions } from '@mosaicme/mosaic';
import type { Relaxation, RenderOptions } from './render';

/**
 * Pairs of cell and tile up to which all tiles are chosen together by themselves, where a limit binds:
 * that takes about half a second.
 */
export const quickPairs = 2 ** 21;

/**
 * The options for a library of so many tiles: as given, or without those that it is too large for.
 *
 * All tiles are chosen together where that was asked for, and where it was left open and a limit binds
 * (`maxUses` or `useAll`), so that the last cells of a greedy choice would get what nobody wanted.
 */
export function allowedOptions(
  { match, optimal, whenTooLarge = 'refuse' }: RenderOptions,
  cells: number,
  tiles: number,
): {
  readonly match: MatchOptions;
  readonly optimal: boolean;
  readonly relaxed: readonly Relaxation[];
} {
  const pairs = tiles * cells;
  const binds = match.maxUses !== undefined || match.useAll;
  const wanted = optimal ?? (binds && pairs <= quickPairs);
  if (whenTooLarge === 'refuse') return { match, optimal: wanted, relaxed: [] };
  const useAll = match.useAll && tiles <= cells;
  const together = wanted && pairs <= maxPairs;
  return {
    match: { ...match, useAll },
    optimal: together,
    relaxed: [
      ...(useAll === match.useAll
        ? []
        : [{ option: 'useAll', wanted: true, kept: false } as const]),
      ...(together === wanted ? [] : [{ option: 'optimal', wanted: true, kept: false } as const]),
    ],
  };
}
