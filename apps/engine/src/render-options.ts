import type { EngineConfig } from '@mosaicme/config';
import { defaultMatchOptions, neededTiles } from '@mosaicme/mosaic';
import { planOpenableGrid, type RenderOptions } from '@mosaicme/rendering';

/** How this engine makes mosaics, from its variables. */
export function renderOptions(rendering: EngineConfig['rendering']): RenderOptions {
  const { cells, printMm, printDpi, tileSize, maxUses } = rendering;
  return {
    grid: printMm === undefined ? { cells } : { print: { longerSideMm: printMm, dpi: printDpi } },
    tileSize,
    match: {
      ...defaultMatchOptions,
      colourShift: rendering.colourShift,
      repeatDistance: rendering.repeatDistance,
      ...(maxUses !== undefined && { maxUses }),
      useAll: rendering.useAll,
      mirror: rendering.mirror,
    },
    optimal: rendering.optimal,
    whenTooLarge: 'relax',
  };
}

/**
 * Tiles with which every photo can be rebuilt, at least `minTiles`. A square photo has the most cells,
 * so it needs the most.
 *
 * @throws PermanentError `mosaic.jpeg-side` when the pictures would be too large.
 */
export function tilesNeeded({ grid, tileSize, match }: RenderOptions, minTiles: number): number {
  const square = planOpenableGrid({ width: 1, height: 1 }, grid, tileSize);
  return Math.max(minTiles, neededTiles(square, match));
}
