import { PermanentError } from '@mosaicme/errors';
import { cellCount, type Grid } from './grid';
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
export function checkLibrarySize(tiles: number, grid: CellGrid, options: MatchOptions): void {
  if (tiles === 0) {
    throw new PermanentError(
      'mosaic.empty-library',
      `The library has no tiles; this mosaic needs at least ${neededTiles(grid, options)}.`,
    );
  }
  if (tiles < fewestTiles(grid, options)) throw libraryTooSmall(tiles, grid, options);
  if (options.useAll && tiles > cellCount(grid)) {
    throw new PermanentError(
      'mosaic.library-too-large',
      `Every one of ${tiles} tiles is to be used, but the grid of ${grid.columns} x ${grid.rows} has ` +
        `${cellCount(grid)} cells. Use more cells or fewer tiles.`,
    );
  }
}

export function libraryTooSmall(tiles: number, grid: CellGrid, options: MatchOptions) {
  const uses = options.maxUses === undefined ? '' : ` and at most ${options.maxUses} uses a tile`;
  return new PermanentError(
    'mosaic.library-too-small',
    `The library has ${tiles} tiles, but ${grid.columns} x ${grid.rows} cells with no repeat within ` +
      `${options.repeatDistance} cells${uses} need ${neededTiles(grid, options)}. ` +
      'Add tiles, or allow closer repeats or more uses.',
  );
}

/** No placement exists with fewer tiles than this. */
function fewestTiles(grid: CellGrid, { repeatDistance, maxUses = Infinity }: MatchOptions): number {
  const side = repeatDistance + 1;
  const square = Math.min(side, grid.columns) * Math.min(side, grid.rows);
  const usesThatFit = Math.ceil(grid.columns / side) * Math.ceil(grid.rows / side);
  return Math.max(square, Math.ceil(cellCount(grid) / Math.min(maxUses, usesThatFit)));
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

/** Divides cells and tiles into lattice classes. @throws PermanentError `mosaic.library-too-small` */
export function makeLattice(tiles: number, grid: CellGrid, options: MatchOptions): Lattice {
  const needs = latticeNeeds(grid, options);
  if (tiles < neededTiles(grid, options)) throw libraryTooSmall(tiles, grid, options);
  const side = options.repeatDistance + 1;
  const across = Math.min(side, grid.columns);
  const classOfCell = Uint32Array.from({ length: cellCount(grid) }, (_, cell) => {
    const column = cell % grid.columns;
    const row = Math.floor(cell / grid.columns);
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

/** Keeps count of the tiles placed so far and marks those that may not stand in a given cell. */
export class UsageRules {
  /** The tile in each cell, `noTile` where there is none yet. */
  readonly tiles: Uint32Array;
  /** How often each tile is used. */
  readonly uses: Uint32Array;
  private readonly maxUses: number;
  private blockedNearby: number[] = [];

  /**
   * @param blocked One byte a tile, all 0; set to 1 where the tile may not stand in the cell last given
   *   to `block`.
   */
  constructor(
    readonly blocked: Uint8Array,
    private readonly grid: CellGrid,
    private readonly options: Pick<MatchOptions, 'repeatDistance' | 'maxUses'>,
    private readonly lattice?: Lattice,
  ) {
    this.tiles = new Uint32Array(cellCount(grid)).fill(noTile);
    this.uses = new Uint32Array(blocked.length);
    this.maxUses = options.maxUses ?? Infinity;
  }

  /** Sets `blocked` for a cell. */
  block(cell: number): void {
    const { lattice, blocked } = this;
    if (lattice) {
      const own = lattice.classOfCell[cell];
      lattice.classOfTile.forEach((tileClass, tile) => {
        blocked[tile] = tileClass !== own || this.isUsedUp(tile) ? 1 : 0;
      });
      return;
    }
    for (const tile of this.blockedNearby) blocked[tile] = this.isUsedUp(tile) ? 1 : 0;
    this.blockedNearby = [];
    const { columns, rows } = this.grid;
    const reach = this.options.repeatDistance;
    const column = cell % columns;
    const row = Math.floor(cell / columns);
    const right = Math.min(columns - 1, column + reach);
    for (let y = Math.max(0, row - reach); y <= Math.min(rows - 1, row + reach); y++) {
      for (let x = Math.max(0, column - reach); x <= right; x++) {
        const tile = this.tiles[y * columns + x] ?? noTile;
        if (tile === noTile || blocked[tile]) continue;
        blocked[tile] = 1;
        this.blockedNearby.push(tile);
      }
    }
  }

  place(cell: number, tile: number): void {
    this.tiles[cell] = tile;
    this.uses[tile] = (this.uses[tile] ?? 0) + 1;
    if (this.isUsedUp(tile)) this.blocked[tile] = 1;
  }

  private isUsedUp(tile: number): boolean {
    return (this.uses[tile] ?? 0) >= this.maxUses;
  }
}
