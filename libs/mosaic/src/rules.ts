import { PermanentError } from '@mosaicme/errors';
import { commonSpan, type CellLayout } from './cells';
import type { Grid } from './grid';
import type { MatchOptions } from './placement';

type CellGrid = Pick<Grid, 'columns' | 'rows'>;

/** Stands for 'no tile yet' in a placement under construction. */
export const noTile = 0xffffffff;

/**
 * The classes of a lattice: cells of one class are more than `repeatDistance` apart, so a placement
 * that gives each class tiles of its own keeps the distance whatever it chooses. That makes it the
 * way out when a freer choice has run into a dead end.
 */
export interface Lattice {
  /** Class of each cell. */
  readonly classOfCell: Uint32Array;
  /** Class of each tile. */
  readonly classOfTile: Uint32Array;
}

/**
 * The fewest tiles with which every target can be built: (d+1) x (d+1) for distance d (any square of
 * that side must have all tiles different, and repeating the square fills the grid), and for each of
 * these lattice classes as many as its cells need at `maxUses` a tile.
 */
export function neededTiles(
  grid: CellGrid,
  options: Pick<MatchOptions, 'repeatDistance' | 'maxUses'>,
) {
  return latticeNeeds(grid, options).reduce((sum, need) => sum + need, 0);
}

/**
 * @throws PermanentError `mosaic.empty-library`, `mosaic.library-too-small`, `mosaic.library-too-large`
 */
export function checkLibrarySize(
  tiles: number,
  { count }: Pick<CellLayout, 'count'>,
  { maxUses = Infinity, useAll }: Pick<MatchOptions, 'maxUses' | 'useAll'>,
): void {
  if (tiles === 0) {
    throw new PermanentError(
      'mosaic.empty-library',
      'The library has no tiles; add at least one photo.',
    );
  }
  if (tiles * maxUses < count) {
    throw new PermanentError(
      'mosaic.library-too-small',
      `The library has ${tiles} tiles, but ${count} cells with at most ${maxUses} uses a tile need ` +
        `${Math.ceil(count / maxUses)}. Add tiles, or allow more uses or fewer cells.`,
    );
  }
  if (useAll && tiles > count) {
    throw new PermanentError(
      'mosaic.library-too-large',
      `Every one of ${tiles} tiles is to be used, but there are ${count} cells. ` +
        'Use more cells or fewer tiles.',
    );
  }
}

/**
 * The largest repeat distance up to the wanted one that so many tiles can keep: any square of (d+1) x
 * (d+1) cells must have all tiles different.
 */
export function mostDistance(
  tiles: number,
  layout: CellLayout,
  { repeatDistance }: Pick<MatchOptions, 'repeatDistance'>,
): number {
  const span = commonSpan(layout) ?? 1;
  const [columns, rows] = [layout.columns / span, layout.rows / span];
  let distance = repeatDistance;
  while (distance > 0 && Math.min(distance + 1, columns) * Math.min(distance + 1, rows) > tiles) {
    distance--;
  }
  return distance;
}

/** Tiles that each class of the lattice needs. */
function latticeNeeds(
  { columns, rows }: CellGrid,
  { repeatDistance, maxUses = Infinity }: Pick<MatchOptions, 'repeatDistance' | 'maxUses'>,
): number[] {
  const side = repeatDistance + 1;
  const needs: number[] = [];
  for (let y = 0; y < Math.min(side, rows); y++) {
    for (let x = 0; x < Math.min(side, columns); x++) {
      const cells = Math.ceil((columns - x) / side) * Math.ceil((rows - y) / side);
      needs.push(Math.max(1, Math.ceil(cells / maxUses)));
    }
  }
  return needs;
}

/**
 * Divides cells and tiles into lattice classes. Undefined when there are too few tiles for that, or when
 * the cells are not of one size.
 */
export function makeLattice(
  tiles: number,
  layout: CellLayout,
  options: Pick<MatchOptions, 'repeatDistance' | 'maxUses'>,
): Lattice | undefined {
  const span = commonSpan(layout);
  if (span === undefined) return undefined;
  const grid = { columns: layout.columns / span, rows: layout.rows / span };
  const needs = latticeNeeds(grid, options);
  if (tiles < neededTiles(grid, options)) return undefined;
  const side = options.repeatDistance + 1;
  const across = Math.min(side, grid.columns);
  const classOfCell = Uint32Array.from({ length: layout.count }, (_, cell) => {
    const column = (layout.left[cell] ?? 0) / span;
    const row = (layout.top[cell] ?? 0) / span;
    return (row % side) * across + (column % side);
  });
  // Each class gets what it needs, then all get the rest in turn.
  const classes = needs.flatMap((need, index) => Array.from({ length: need }, () => index));
  const classOfTile = Uint32Array.from(
    { length: tiles },
    (_, tile) => classes[tile] ?? (tile - classes.length) % needs.length,
  );
  return { classOfCell, classOfTile };
}
