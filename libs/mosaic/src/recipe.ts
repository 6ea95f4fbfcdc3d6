import { crc32 } from '@mosaicme/checksum';
import { PermanentError } from '@mosaicme/errors';
import { decodeDivisions, encodeDivisions, faultOfArea, type CellLayout } from './cells';
import type { CellArea, CellSpan } from './cells';
import type { MatchOptions } from './placement';

/** Which tile, and in which colour, stands in which cell: everything needed to draw a mosaic. */
export interface Recipe {
  readonly layout: CellLayout;
  readonly options: MatchOptions;
  /** The distinct tiles, by their ids of 32 lower-case hexadecimal digits. */
  readonly tileIds: readonly string[];
  /** Index into `tileIds` for each cell, in the order of the layout. */
  readonly tiles: Uint32Array;
  /** 1 where the tile is mirrored left to right, else 0. */
  readonly mirrored: Uint8Array;
  /** Offsets to add to the tile's Y, Cb and Cr, in levels (-127 to 127): 3 numbers a cell. */
  readonly shifts: Int8Array;
}

export interface RecipeCell {
  readonly tileId: string;
  readonly mirrored: boolean;
  /** Offsets to add to Y, Cb and Cr, in levels. */
  readonly shift: readonly [number, number, number];
}

/*
 * The file, all numbers little-endian:
 *   0  'MMRC'
 *   4  u8   version, 1
 *   5  u8   flags: 1 useAll, 2 mirror allowed, 4 maxUses given, 8 mirrored bits follow, 16 shifts follow
 *   6  u16  columns          8  u16  rows            10  u16  pixels a unit
 *  12  u16  repeat distance 14  u8   colour shift    15  u8   bytes a tile index, 1 to 4
 *  16  u32  maximum uses    20  u32  seed            24  u32  number of distinct tiles
 *  28  u32  number of cells 32  u32  bytes of divisions
 *  36  u8   units a side of an undivided block: 1, 2, 4 or 8
 *  37  tile ids, 16 bytes each; divisions of the blocks (see `encodeDivisions`); tile index of each
 *      cell; mirrored bits, lowest first (if any cell is mirrored); 3 signed bytes of shift a cell (if
 *      any is not 0); u32 CRC-32 of all before it.
 */
const magic = [0x4d, 0x4d, 0x52, 0x43];
const version = 1;
const headerBytes = 37;
const idBytes = 16;
const checksumBytes = 4;
const flag = { useAll: 1, mirror: 2, maxUses: 4, mirrored: 8, shifts: 16 } as const;
const knownFlags = 31;

/**
 * Packs a recipe. A uniform 100 x 100 mosaic without shifts takes 2 bytes a cell and 16 a distinct tile.
 *
 * @throws PermanentError `recipe.invalid` for a recipe that breaks its own description,
 *   `mosaic.bad-cells` for a layout that does. */
export function encodeRecipe(recipe: Recipe): Uint8Array {
  const fault = faultOf(recipe);
  if (fault) throw new PermanentError('recipe.invalid', `This is no recipe: ${fault}.`);
  const { layout: area, options, tileIds, tiles, mirrored, shifts } = recipe;
  const divisions = encodeDivisions(area);
  const hasMirrored = mirrored.includes(1);
  const hasShifts = shifts.some((shift) => shift !== 0);
  const file = fileOf({
    cells: area.count,
    distinct: tileIds.length,
    divisionBytes: divisions.length,
    hasMirrored,
    hasShifts,
  });

  const bytes = new Uint8Array(file.end);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[4] = version;
  bytes[5] =
    (options.useAll ? flag.useAll : 0) |
    (options.mirror ? flag.mirror : 0) |
    (options.maxUses === undefined ? 0 : flag.maxUses) |
    (hasMirrored ? flag.mirrored : 0) |
    (hasShifts ? flag.shifts : 0);
  view.setUint16(6, area.columns, true);
  view.setUint16(8, area.rows, true);
  view.setUint16(10, area.unit, true);
  view.setUint16(12, options.repeatDistance, true);
  bytes[14] = options.colourShift;
  bytes[15] = file.indexBytes;
  view.setUint32(16, options.maxUses ?? 0, true);
  view.setUint32(20, options.seed, true);
  view.setUint32(24, tileIds.length, true);
  view.setUint32(28, area.count, true);
  view.setUint32(32, divisions.length, true);
  bytes[36] = area.largestSpan;
  tileIds.forEach((id, index) => {
    for (let at = 0; at < idBytes; at++) {
      bytes[headerBytes + index * idBytes + at] = parseInt(id.slice(at * 2, at * 2 + 2), 16);
    }
  });
  bytes.set(divisions, file.divisions);
  tiles.forEach((tile, cell) => {
    for (let at = 0; at < file.indexBytes; at++) {
      bytes[file.tiles + cell * file.indexBytes + at] = tile >>> (8 * at);
    }
  });
  if (hasMirrored) {
    mirrored.forEach((bit, cell) => {
      const at = file.mirrored + (cell >> 3);
      bytes[at] = (bytes[at] ?? 0) | (bit << (cell & 7));
    });
  }
  if (hasShifts)
    bytes.set(new Uint8Array(shifts.buffer, shifts.byteOffset, shifts.length), file.shifts);
  view.setUint32(file.checksum, crc32(bytes.subarray(0, file.checksum)), true);
  return bytes;
}

/**
 * Unpacks a recipe; runs in the browser too.
 *
 * @throws PermanentError `recipe.damaged` naming what is wrong, `recipe.unknown-version` for a version
 *   that this program is too old to read.
 */
export function decodeRecipe(bytes: Uint8Array): Recipe {
  if (bytes.length < headerBytes + checksumBytes) {
    throw damaged(`it has ${bytes.length} bytes, fewer than a header`);
  }
  if (magic.some((byte, at) => bytes[at] !== byte)) throw damaged("it does not begin with 'MMRC'");
  if (bytes[4] !== version) {
    throw new PermanentError(
      'recipe.unknown-version',
      `The recipe has version ${bytes[4]}; this program reads version ${version}. Update the program.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const checksumAt = bytes.length - checksumBytes;
  if (view.getUint32(checksumAt, true) !== crc32(bytes.subarray(0, checksumAt))) {
    throw damaged('its checksum does not fit its content');
  }
  const flags = bytes[5] ?? 0;
  if (flags & ~knownFlags) throw damaged(`it has unknown flags (${flags})`);

  const area: CellArea = {
    columns: view.getUint16(6, true),
    rows: view.getUint16(8, true),
    unit: view.getUint16(10, true),
    largestSpan: (bytes[36] ?? 0) as CellSpan,
  };
  const impossible = faultOfArea(area);
  if (impossible) throw damaged(`${impossible} are impossible`);
  const cells = view.getUint32(28, true);
  const divisionBytes = view.getUint32(32, true);
  const distinct = view.getUint32(24, true);
  const hasMirrored = (flags & flag.mirrored) !== 0;
  const hasShifts = (flags & flag.shifts) !== 0;
  const file = fileOf({ cells, distinct, divisionBytes, hasMirrored, hasShifts });
  if (bytes[15] !== file.indexBytes) {
    throw damaged(`${distinct} tiles take ${file.indexBytes} bytes an index, not ${bytes[15]}`);
  }
  // Before anything is allocated by numbers from the file, the file must be as long as they say.
  if (bytes.length !== file.end) {
    throw damaged(`it has ${bytes.length} bytes where its header promises ${file.end}`);
  }

  const divisions = bytes.subarray(file.divisions, file.tiles);
  const layout = decodeDivisions(area, cells, divisions);
  if (!layout) throw damaged(`its divisions do not make ${cells} cells`);
  const maxUses = view.getUint32(16, true);
  if (!(flags & flag.maxUses) && maxUses !== 0)
    throw damaged('it has a maximum of uses without its flag');
  const recipe: Recipe = {
    layout,
    options: {
      repeatDistance: view.getUint16(12, true),
      ...(flags & flag.maxUses ? { maxUses } : {}),
      useAll: (flags & flag.useAll) !== 0,
      mirror: (flags & flag.mirror) !== 0,
      colourShift: bytes[14] ?? 0,
      seed: view.getUint32(20, true),
    },
    tileIds: Array.from({ length: distinct }, (_, index) => readId(bytes, index)),
    tiles: Uint32Array.from({ length: cells }, (_, cell) => readIndex(bytes, file, cell)),
    mirrored: hasMirrored
      ? Uint8Array.from(
          { length: cells },
          (_, cell) => ((bytes[file.mirrored + (cell >> 3)] ?? 0) >> (cell & 7)) & 1,
        )
      : new Uint8Array(cells),
    shifts: hasShifts
      ? Int8Array.from(bytes.subarray(file.shifts, file.checksum))
      : new Int8Array(cells * 3),
  };
  const fault = faultOf(recipe);
  if (fault) throw damaged(fault);
  return recipe;
}

/**
 * What stands in a cell.
 * @param cell Index in the order of the layout; `createCellFinder` finds it by place.
 * @throws RangeError for a cell that is not there.
 */
export function recipeCell(recipe: Recipe, cell: number): RecipeCell {
  const tileId = recipe.tileIds[recipe.tiles[cell] ?? -1];
  if (tileId === undefined) {
    throw new RangeError(`There is no cell ${cell} among ${recipe.layout.count}.`);
  }
  const [y = 0, cb = 0, cr = 0] = recipe.shifts.subarray(cell * 3, cell * 3 + 3);
  return { tileId, mirrored: recipe.mirrored[cell] === 1, shift: [y, cb, cr] };
}

/** Where the parts of the file begin, in bytes. */
interface FileParts {
  readonly indexBytes: number;
  readonly divisions: number;
  readonly tiles: number;
  readonly mirrored: number;
  readonly shifts: number;
  readonly checksum: number;
  readonly end: number;
}

function fileOf(content: {
  readonly cells: number;
  readonly distinct: number;
  readonly divisionBytes: number;
  readonly hasMirrored: boolean;
  readonly hasShifts: boolean;
}): FileParts {
  const { cells, distinct, divisionBytes, hasMirrored, hasShifts } = content;
  const indexBytes = distinct <= 2 ** 8 ? 1 : distinct <= 2 ** 16 ? 2 : distinct <= 2 ** 24 ? 3 : 4;
  const divisions = headerBytes + distinct * idBytes;
  const tiles = divisions + divisionBytes;
  const mirrored = tiles + cells * indexBytes;
  const shifts = mirrored + (hasMirrored ? Math.ceil(cells / 8) : 0);
  const checksum = shifts + (hasShifts ? cells * 3 : 0);
  return {
    ...{ indexBytes, divisions, tiles, mirrored, shifts, checksum },
    end: checksum + checksumBytes,
  };
}

function readId(bytes: Uint8Array, index: number): string {
  const from = headerBytes + index * idBytes;
  return Array.from(bytes.subarray(from, from + idBytes), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

function readIndex(bytes: Uint8Array, { tiles, indexBytes }: FileParts, cell: number): number {
  let index = 0;
  for (let at = indexBytes - 1; at >= 0; at--) {
    index = index * 256 + (bytes[tiles + cell * indexBytes + at] ?? 0);
  }
  return index;
}

/** The first thing that is wrong with a recipe; undefined when it is sound. */
function faultOf({
  layout,
  options,
  tileIds,
  tiles,
  mirrored,
  shifts,
}: Recipe): string | undefined {
  const cells = layout.count;
  const isWhole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  const impossible = faultOfArea(layout);
  if (impossible) return `${impossible} are impossible`;
  if (!isWhole(options.repeatDistance, 0, 0xffff)) {
    return `a repeat distance of ${options.repeatDistance} is outside 0 to 65535`;
  }
  if (options.maxUses !== undefined && !isWhole(options.maxUses, 1, 0xffffffff)) {
    return `a maximum of ${options.maxUses} uses is outside 1 to 4294967295`;
  }
  if (!isWhole(options.colourShift, 0, 127)) {
    return `a colour shift of ${options.colourShift} levels is outside 0 to 127`;
  }
  if (!isWhole(options.seed, 0, 0xffffffff)) return `the seed ${options.seed} has no 32 bits`;
  if (tiles.length !== cells || mirrored.length !== cells || shifts.length !== cells * 3) {
    return `${cells} cells have ${tiles.length} tiles, ${mirrored.length} mirror bits, ${shifts.length} shifts`;
  }
  const badId = tileIds.find((id) => !/^[0-9a-f]{32}$/.test(id));
  if (badId !== undefined) return `the tile id '${badId}' is not 32 hexadecimal digits`;
  if (new Set(tileIds).size !== tileIds.length) return 'a tile id is listed twice';
  const badCell = tiles.findIndex((tile) => tile >= tileIds.length);
  if (badCell >= 0) return `cell ${badCell} names tile ${tiles[badCell]} of ${tileIds.length}`;
  if (mirrored.some((bit) => bit > 1)) return 'a mirror bit is neither 0 nor 1';
  if (!options.mirror && mirrored.includes(1))
    return 'a tile is mirrored though that is not allowed';
  const badShift = shifts.find((shift) => Math.abs(shift) > options.colourShift);
  if (badShift !== undefined) return `a shift of ${badShift} is beyond ${options.colourShift}`;
  return undefined;
}

function damaged(what: string): PermanentError {
  return new PermanentError('recipe.damaged', `The recipe is damaged: ${what}. Make it anew.`);
}
