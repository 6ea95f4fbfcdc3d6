import { readPixels } from '@mosaicme/imaging';
import {
  matchTiles,
  matchTilesOptimally,
  targetFeatures,
  targetSize,
  uniformCells,
  type MatchOptions,
  type PlacementStatistics,
  type PreparedLibrary,
  type Recipe,
} from '@mosaicme/mosaic';
import type { TileSegments, TileProfile } from '@mosaicme/jpeg';
import type { TileSize } from '@mosaicme/tile-pack';
import { allowedOptions } from './allowed-options';
import { planOpenableGrid, type RenderGrid } from './grid';

/** What rendering needs of a tile library; tiles by their index, 0 to `ids.length - 1`. */
export interface TileSource {
  /** 32 hexadecimal digits each. */
  readonly ids: readonly string[];
  /** Undefined for a tile that is not in the library. */
  indexOf(id: string): number | undefined;
  /** One feature vector a tile, searchable; kept as long as the library stays the same. */
  readonly prepared: PreparedLibrary;
  /** Makes the segments of one size ready for `segments`. */
  load(size: TileSize): Promise<void>;
  profile(size: TileSize): TileProfile;
  segments(index: number, size: TileSize): TileSegments;
}

export interface RenderOptions {
  readonly grid: RenderGrid;
  /** Side of a drawn tile in pixels. */
  readonly tileSize: TileSize;
  readonly match: MatchOptions;
  /** Choose all tiles together, which is worth its time with few tiles and a limit on their uses. */
  readonly optimal?: boolean;
  /**
   * What to do when the library is too large for `optimal` or `match.useAll`: `refuse` throws, `relax`
   * leaves that option out, for libraries that grow while nobody looks.
   */
  readonly whenTooLarge?: 'refuse' | 'relax';
}

export interface Rendering {
  readonly recipe: Recipe;
  readonly statistics: PlacementStatistics;
  /** Whether the tiles were chosen all together. */
  readonly optimal: boolean;
}

/**
 * Chooses the tiles of a mosaic. The same target, library and options give the same recipe.
 *
 * @param target A picture that this system wrote itself, in any format that libs/imaging reads.
 * @param size Width and height of the target in pixels.
 * @throws PermanentError `mosaic.*` when grid, options and library do not fit together; where there are
 *   too few tiles, it says how many are needed.
 */
export async function renderMosaic(
  target: Uint8Array,
  size: { readonly width: number; readonly height: number },
  library: TileSource,
  options: RenderOptions,
): Promise<Rendering> {
  const { ids, prepared } = library;
  const { space, count } = prepared.features;
  const grid = planOpenableGrid(size, options.grid, options.tileSize);
  const { match, optimal } = allowedOptions(options, grid, count);
  const { width, height } = targetSize(grid, space.subdivisions);
  const cells = targetFeatures(await readPixels(target, width, height), grid, space);
  const request = { cells, library: prepared, grid, options: match };
  const placement = optimal ? matchTilesOptimally(request) : matchTiles(request);
  const { mirrored, shifts, statistics } = placement;
  return {
    statistics,
    optimal,
    recipe: {
      ...{ layout: uniformCells(grid), options: match, mirrored, shifts },
      ...nameTiles(placement.tiles, ids),
    },
  };
}

/** From indexes into the library, which grows, to indexes into the recipe's own table of ids. */
function nameTiles(placed: Uint32Array, ids: readonly string[]): Pick<Recipe, 'tileIds' | 'tiles'> {
  const own = new Map<number, number>();
  const tiles = placed.map((tile) => {
    const index = own.get(tile) ?? own.size;
    own.set(tile, index);
    return index;
  });
  return { tiles, tileIds: [...own.keys()].map((tile) => ids[tile] ?? '') };
}
