import type { CampaignStyle } from '@mosaicme/campaigns';
import type { EngineConfig } from '@mosaicme/config';
import { defaultMatchOptions, neededTiles } from '@mosaicme/mosaic';
import { planOpenableGrid, type RenderOptions } from '@mosaicme/rendering';

/**
 * How mosaics of a campaign are made: as its style says, and where that says nothing, as the variables
 * of the engine say.
 */
export function renderOptions(
  variables: EngineConfig['rendering'],
  style: CampaignStyle = {},
): RenderOptions {
  const rendering = { ...variables, ...given(style) };
  const { cells, printMm, printDpi, tileSize, adaptive, maxUses } = rendering;
  return {
    grid:
      printMm === undefined || style.cells !== undefined
        ? { cells }
        : { print: { longerSideMm: printMm, dpi: printDpi } },
    tileSize,
    adaptive,
    match: {
      ...defaultMatchOptions,
      colourShift: rendering.colourShift,
      repeatDistance: rendering.repeatDistance,
      ...(maxUses !== undefined && { maxUses }),
      useAll: rendering.useAll,
      mirror: rendering.mirror,
    },
    // Left open where it was not asked for, so that limits that bind choose it.
    ...(rendering.optimal && { optimal: true }),
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

/** Without the fields that are undefined, which would hide the variables. */
const given = (style: CampaignStyle): Partial<EngineConfig['rendering']> =>
  Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined));
