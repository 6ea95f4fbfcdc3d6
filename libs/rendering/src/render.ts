import { readPixels } from '@mosaicme/imaging';
import {
  chooseCells,
  isTextureSeen,
  matchTiles,
  matchTilesOptimally,
  targetFeatures,
  uniformCells,
  type CellArea,
  type ChosenCells,
  type Grid,
  type MatchOptions,
  type PlacementStatistics,
  type PreparedLibrary,
  type Recipe,
} from '@mosaicme/mosaic';
import type { TileSegments, TileProfile } from '@mosaicme/jpeg';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { allowedOptions } from './allowed-options';
import { planOpenableGrid, type RenderGrid } from './grid';

/** What rendering needs of a tile library; tiles by their index, 0 to `ids.length - 1`. */
export interface TileSource {
  /** 32 hexadecimal digits each. */
  readonly ids: readonly string[];
  /** The number of the scene that each tile shows; photos of one scene are no neighbours. */
  readonly scenes?: Uint32Array;
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
  /**
   * Cells of several sizes, small where the target has detail and large where it is calm: as many as the
   * grid has, from a quarter to twice its tiles' side. Without it, all cells are of one size.
   */
  readonly adaptive?: boolean;
  /**
   * Choose all tiles together, which is worth its time with few tiles and a limit on their uses. Left
   * open, it is done where a limit binds and it takes no more than about half a second.
   */
  readonly optimal?: boolean | undefined;
  /**
   * What to do when the library is too large for `optimal` or `match.useAll`: `refuse` throws, `relax`
   * leaves that option out, for libraries that grow while nobody looks.
   */
  readonly whenTooLarge?: 'refuse' | 'relax';
}

/** An option that could not be kept to. */
export type Relaxation =
  | { readonly option: 'repeatDistance'; readonly wanted: number; readonly kept: number }
  | { readonly option: 'useAll' | 'optimal'; readonly wanted: true; readonly kept: false };

export interface Rendering {
  readonly recipe: Recipe;
  readonly statistics: PlacementStatistics;
  /** Whether the tiles were chosen all together. */
  readonly optimal: boolean;
  /** What the library was too small or too large for. */
  readonly relaxed: readonly Relaxation[];
}

/**
 * Chooses the tiles of a mosaic. The same target, library and options give the same recipe.
 *
 * @param target A picture that this system wrote itself, in any format that libs/imaging reads.
 * @param size Width and height of the target in pixels.
 * @throws PermanentError `mosaic.*` when grid, options and library do not fit together; where there are
 *   too few tiles for `maxUses`, it says how many are needed.
 */
export async function renderMosaic(
  target: Uint8Array,
  size: { readonly width: number; readonly height: number },
  library: TileSource,
  options: RenderOptions,
): Promise<Rendering> {
  const { ids, prepared, scenes } = library;
  const grid = planOpenableGrid(size, options.grid, options.tileSize);
  const { layout, cells } = await divideTarget(target, grid, prepared, options);
  const allowed = allowedOptions(options, layout.count, prepared.features.count);
  const { match, optimal } = allowed;
  const request = { cells, library: prepared, layout, options: match, scenes };
  const placement = optimal ? matchTilesOptimally(request) : matchTiles(request);
  const { mirrored, shifts, statistics, relaxed } = placement;
  const kept = relaxed?.repeatDistance;
  return {
    statistics,
    optimal,
    relaxed: [
      ...allowed.relaxed,
      ...(kept === undefined
        ? []
        : [{ option: 'repeatDistance', wanted: match.repeatDistance, kept } as const]),
    ],
    recipe: { layout, options: match, mirrored, shifts, ...nameTiles(placement.tiles, ids) },
  };
}

/** The sizes of tiles that a rendering may draw, the largest first. */
export function renderedSizes({
  tileSize,
  adaptive = false,
}: Pick<RenderOptions, 'tileSize' | 'adaptive'>): readonly TileSize[] {
  if (!adaptive) return [tileSize];
  const { unit, largestSpan } = unitsOf(tileSize);
  return tileSizes.filter((size) => size >= unit && size <= unit * largestSpan);
}

/** The smallest cell of an adaptive mosaic is a quarter of a tile's side, the largest twice it. */
function unitsOf(tileSize: TileSize): Pick<CellArea, 'unit' | 'largestSpan'> {
  const smallest = Math.max(tileSizes.at(-1) ?? 16, tileSize / 4);
  const largest = Math.min(tileSizes[0], tileSize * 2);
  return { unit: smallest, largestSpan: (largest / smallest) as CellArea['largestSpan'] };
}

async function divideTarget(
  target: Uint8Array,
  grid: Grid,
  library: PreparedLibrary,
  { adaptive = false, tileSize, match }: RenderOptions,
): Promise<ChosenCells> {
  const { space, count } = library.features;
  const side = space.subdivisions;
  // An empty library is refused by the matcher.
  if (!adaptive || count === 0) {
    const pixels = await readPixels(target, grid.columns * side, grid.rows * side);
    return {
      layout: uniformCells(grid),
      cells: targetFeatures(
        pixels,
        grid,
        space,
        isTextureSeen(1, Math.max(grid.columns, grid.rows)),
      ),
    };
  }
  const units = unitsOf(tileSize);
  const perTile = tileSize / units.unit;
  const area = { columns: grid.columns * perTile, rows: grid.rows * perTile, ...units };
  const pixels = await readPixels(target, area.columns * side, area.rows * side);
  return chooseCells({
    ...{ pixels, area, library, options: match },
    cells: grid.columns * grid.rows,
  });
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
