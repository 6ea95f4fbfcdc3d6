import { encodeJpeg } from '@mosaicme/imaging';
import { plainTile, readProfile, type AssemblyCell, type TileProfile } from '@mosaicme/jpeg';
import { recipeCell, type Recipe } from '@mosaicme/mosaic';
import type { TileReader } from '@mosaicme/tile-library';
import { tileSizes, type DrawnSize } from '@mosaicme/tile-pack';
import type { CellIndex } from './cell-index';
import { neighbourColours } from './plain-cells';
import { deepestUnit } from './pyramid';

/** What drawing starts from. */
export interface Sources {
  readonly recipe: Recipe;
  readonly index: CellIndex;
  readonly tiles: TileReader;
}

/** Cells with what stands in them. */
export interface LoadedCells {
  readonly profile: TileProfile;
  /**
   * What stands in a cell. Its segments may be smaller than the cell is drawn, where no larger ones are
   * kept: then they are to be enlarged.
   */
  cell(cell: number): AssemblyCell;
  /** Whether all segments are as large as their cells are drawn. */
  readonly isExact: boolean;
  /** False when a tile is kept but cannot be read now, so that another try may draw it. */
  readonly isComplete: boolean;
}

/** The largest side at which packs keep tiles. */
const largestInPacks = tileSizes[0];

/**
 * Reads what stands in some cells. A cell whose tile is gone gets a plain one in its neighbours' colour.
 * @param unit Pixels a unit, at least 16.
 * @throws TransientError when the tiles cannot be had now.
 */
export async function loadCells(
  { recipe, index, tiles }: Sources,
  cells: readonly number[],
  unit: number,
): Promise<LoadedCells> {
  const { span } = recipe.layout;
  const bySide = new Map<number, number[]>();
  for (const cell of cells) {
    const side = span[cell]! * unit;
    const own = bySide.get(side);
    if (own) own.push(cell);
    else bySide.set(side, [cell]);
  }
  const loaded = new Map<number, AssemblyCell>();
  const missing: number[] = [];
  let profile: TileProfile | undefined;
  let isExact = true;
  let isComplete = true;

  for (const [side, own] of bySide) {
    const size = Math.min(side, deepestUnit) as DrawnSize;
    for (const at of size > largestInPacks ? [size, largestInPacks] : [size]) {
      const wanted = own.filter((cell) => !loaded.has(cell));
      if (wanted.length === 0) break;
      const batch = await tiles.read(new Set(wanted.map(idIn)), at);
      profile ??= batch.profile;
      isComplete &&= batch.isComplete;
      for (const cell of wanted) {
        const segments = batch.get(idIn(cell));
        if (!segments) continue;
        const { mirrored, shift } = recipeCell(recipe, cell);
        loaded.set(cell, { segments, mirrored, shift: shiftOf(shift) });
        isExact &&= at === side;
      }
    }
    missing.push(...own.filter((cell) => !loaded.has(cell)));
  }

  profile ??= await plainProfile();
  if (missing.length > 0) {
    const colours = await neighbourColours(recipe, index, tiles, missing);
    for (const cell of missing) {
      const size = Math.min(span[cell]! * unit, deepestUnit);
      isExact &&= size === span[cell]! * unit;
      loaded.set(cell, { segments: plainTile(profile, size, colours.get(cell)!) });
    }
  }
  return { profile, isExact, isComplete, cell: (cell) => loaded.get(cell)! };

  function idIn(cell: number): string {
    return recipe.tileIds[recipe.tiles[cell]!]!;
  }
}

/** Undefined where nothing is shifted: then segments are copied as they are. */
function shiftOf([y, cb, cr]: readonly [number, number, number]): AssemblyCell['shift'] {
  return y === 0 && cb === 0 && cr === 0 ? undefined : { y, cb, cr };
}

let profileOfOurs: Promise<TileProfile> | undefined;

/** The tables that all tiles are encoded with, for a library that has none left. */
function plainProfile(): Promise<TileProfile> {
  profileOfOurs ??= encodeJpeg({ width: 16, height: 16, data: new Uint8Array(16 * 16 * 3) }).then(
    readProfile,
  );
  return profileOfOurs;
}
