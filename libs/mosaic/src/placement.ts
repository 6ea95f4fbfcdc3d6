import { PermanentError } from '@mosaicme/errors';
import { featureLength, unitsPerShiftLevel, type Features, type FeatureSpace } from './features';
import type { CellLayout } from './cells';
import { statisticsOf, type PlacementStatistics } from './statistics';

/** What a placement must keep to. */
export interface MatchOptions {
  /**
   * No tile is used twice within this many cells, across, down or diagonally (Chebyshev distance, as
   * metapixel's `--distance`). 0 allows neighbours. Between cells of different sizes, the smaller one's
   * size counts.
   */
  readonly repeatDistance: number;
  /** How often a tile may be used, mirrored or not; without it, any number of times. */
  readonly maxUses?: number;
  /** Is every tile used at least once? */
  readonly useAll: boolean;
  /** May tiles be mirrored left to right? */
  readonly mirror: boolean;
  /** The largest offset that may be added to a tile's Y, Cb and Cr, in levels, 0 (none) to 127. */
  readonly colourShift: number;
  /** Chooses among equally good orders of work, 0 to 2^32 - 1. The same seed gives the same placement. */
  readonly seed: number;
}

export const defaultMatchOptions: MatchOptions = {
  repeatDistance: 5,
  useAll: false,
  mirror: false,
  colourShift: 24,
  seed: 1,
};

export interface MatchRequest {
  /** One vector a cell, in the order of the layout (`targetFeatures`). */
  readonly cells: Features;
  /** One vector a tile, in the same space. */
  readonly library: Features;
  readonly layout: CellLayout;
  readonly options: MatchOptions;
  /**
   * A number a tile: tiles with the same one show the same scene (crops, mirror images) and count as one
   * tile for the repeat distance, as long as there are enough scenes for it. Without it each is its own.
   */
  readonly scenes?: Uint32Array | undefined;
}

/** For each tile the first one that shows the same scene; itself without `scenes`. */
export function firstOfScenes(tiles: number, scenes?: Uint32Array): Uint32Array {
  const first = new Map<number, number>();
  return Uint32Array.from({ length: tiles }, (_, tile) => {
    const scene = scenes?.[tile];
    if (scene === undefined) return tile;
    const known = first.get(scene);
    if (known === undefined) first.set(scene, tile);
    return known ?? tile;
  });
}

/** Which tile stands in which cell; cells in the order of the layout. */
export interface Placement {
  /** Index of the tile in the library, for each cell. */
  readonly tiles: Uint32Array;
  /** 1 where the tile is mirrored left to right, else 0. */
  readonly mirrored: Uint8Array;
  /** Offsets to add to the tile's Y, Cb and Cr, in levels: 3 numbers a cell. */
  readonly shifts: Int8Array;
  readonly statistics: PlacementStatistics;
  /** What the library was too small for: the repeat distance that was kept instead. */
  readonly relaxed?: { readonly repeatDistance: number };
}

/** Are two requests' numbers usable? @throws PermanentError `mosaic.bad-request` or `mosaic.bad-features`. */
export function checkRequest({ cells, library, layout, options }: MatchRequest): void {
  if (
    cells.space.subdivisions !== library.space.subdivisions ||
    cells.space.lumaWeight !== library.space.lumaWeight
  ) {
    throw new PermanentError(
      'mosaic.bad-features',
      'The features of the target and of the tiles are from different feature spaces: ' +
        `${describe(cells)} and ${describe(library)}. Compute one of them anew.`,
    );
  }
  for (const features of [cells, library]) {
    if (features.values.length === features.count * featureLength(features.space)) continue;
    throw new PermanentError(
      'mosaic.bad-features',
      `${features.count} feature vectors need ${features.count * featureLength(features.space)} ` +
        `numbers, but there are ${features.values.length}.`,
    );
  }
  if (cells.count !== layout.count) {
    throw new PermanentError(
      'mosaic.bad-request',
      `The layout has ${layout.count} cells, but there are features of ${cells.count}.`,
    );
  }
  const limits: readonly (readonly [string, number, number, number])[] = [
    ['repeatDistance', options.repeatDistance, 0, 65_535],
    ['maxUses', options.maxUses ?? 1, 1, 2 ** 32 - 1],
    ['colourShift', options.colourShift, 0, 127],
    ['seed', options.seed, 0, 2 ** 32 - 1],
  ];
  for (const [name, value, least, most] of limits) {
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new PermanentError(
      'mosaic.bad-request',
      `The option ${name} must be a whole number from ${least} to ${most}, not ${value}.`,
    );
  }
}

const describe = ({ space }: Features) =>
  `${space.subdivisions} subdivisions with luma weight ${space.lumaWeight}`;

/** How far each channel's mean may be moved without cost, in feature units: the shift will do that. */
export function shiftAllowance(
  space: FeatureSpace,
  colourShift: number,
): readonly [number, number, number] {
  const allowance = (channel: 0 | 1 | 2) =>
    Math.floor(colourShift * unitsPerShiftLevel(space, channel));
  return [allowance(0), allowance(1), allowance(2)];
}

/** Completes a choice of tiles: the shifts toward the cells' means, and the statistics. */
export function completePlacement(
  request: MatchRequest,
  tiles: Uint32Array,
  mirrored: Uint8Array,
  costs: Int32Array,
): Placement {
  return {
    tiles,
    mirrored,
    shifts: shiftsTowardCells(request, tiles),
    statistics: statisticsOf(request.layout, tiles, costs),
  };
}

/** The best allowed offsets: from the tile's mean colour toward the cell's, to the nearest level. */
function shiftsTowardCells(
  { cells, library, options }: MatchRequest,
  tiles: Uint32Array,
): Int8Array {
  const length = featureLength(library.space);
  const shifts = new Int8Array(tiles.length * 3);
  if (options.colourShift === 0) return shifts;
  const units = ([0, 1, 2] as const).map((channel) => unitsPerShiftLevel(library.space, channel));
  tiles.forEach((tile, cell) => {
    units.forEach((unit, channel) => {
      const wanted = cells.values[cell * length + channel] ?? 0;
      const has = library.values[tile * length + channel] ?? 0;
      const levels = Math.round((wanted - has) / unit);
      shifts[cell * 3 + channel] = Math.max(
        -options.colourShift,
        Math.min(options.colourShift, levels),
      );
    });
  });
  return shifts;
}
