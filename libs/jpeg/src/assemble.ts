import { PermanentError } from '@mosaicme/errors';
import { codecOf } from './codec';
import { Marker, MCU_SIZE } from './markers';
import type { ColourShift, DcSteps, TileProfile } from './profile';
import { isTileSize, MAX_TILE_SIZE, shiftToSteps, tableSegments } from './profile';
import { mirrorTile } from './mirror';
import type { TileSegments } from './segments';
import { MOVER_CAPACITY, SegmentMover } from './segment-mover';

/** The most pixels a side of a JPEG can have: the frame header counts with 16 bits. */
export const MAX_SIDE = 65_535;

/**
 * The most pixels a side that libjpeg opens, and with it most viewers and browsers. Of the sizes that
 * tiles can make, only 65,504 and 65,520 px lie between this limit and the format's.
 */
export const LIBJPEG_MAX_SIDE = 65_500;

/** What stands in a cell of the grid. */
export interface AssemblyCell {
  readonly segments: TileSegments;
  /** Levels added to Y, Cb and Cr; none without. */
  readonly shift?: ColourShift | undefined;
  /** True to turn the tile left to right. */
  readonly mirrored?: boolean | undefined;
}

/** Resolution as the JFIF header states it. */
export interface Density {
  readonly unit: 'inch' | 'cm';
  /** Pixels per unit, 1 to 65,535. */
  readonly x: number;
  readonly y: number;
}

/** A picture of columns * tileSize by rows * tileSize pixels. */
export interface Assembly {
  /** The profile of all tiles; of tiles from several packs, `sameProfile` tells. */
  readonly profile: TileProfile;
  readonly grid: {
    readonly columns: number;
    readonly rows: number;
    /** Side of a tile in pixels. */
    readonly tileSize: number;
  };
  /** Called once for each cell, a row of the grid at a time. */
  readonly tile: (column: number, row: number) => AssemblyCell;
  readonly density?: Density | undefined;
}

/** A tile at its place in a picture of cells of several sizes. */
export interface PlacedCell extends AssemblyCell {
  /** Pixels from the left and from the top of the picture: multiples of 16. The tile's size is the cell's. */
  readonly left: number;
  readonly top: number;
}

/** A picture of square cells of several sizes, 16 to 512 px, that cover it without overlap. */
export interface CellAssembly {
  readonly profile: TileProfile;
  /** Pixels: multiples of 16. */
  readonly width: number;
  readonly height: number;
  /**
   * Pixels. The picture is divided into bands of this height, from the top; no cell reaches from one
   * into the next.
   */
  readonly bandHeight: number;
  /** The cells band by band, within a band in any order. */
  readonly cells: Iterable<PlacedCell>;
  readonly density?: Density | undefined;
}

/** About how many bytes `assembleChunks` and `assembleCells` yield at a time. */
export const CHUNK_BYTES = MOVER_CAPACITY;

/** What a colour shift may add to a segment, but for very unusual stuffing: three longer DC codes. */
const GROWTH_BYTES = 8;

/**
 * Puts a JPEG together from ready-made segments, without holding more than a chunk and the tiles of
 * one row of the grid.
 * @returns Chunks of about `CHUNK_BYTES`. Each has a buffer of its own that is never written again.
 * @throws PermanentError `jpeg.too-large`, `jpeg.grid`, `jpeg.density`, `jpeg.tile-mismatch`,
 * `jpeg.shift`, `jpeg.tile-segments`.
 */
export function* assembleChunks(assembly: Assembly): Generator<Uint8Array<ArrayBuffer>, void> {
  const { grid, tile } = assembly;
  const assembler = new PictureAssembler(shapeOf(assembly));
  try {
    yield assembler.header;
    for (let row = 0; row < grid.rows; row++) {
      const cells = Array.from({ length: grid.columns }, (_, column): PlacedCell => {
        const cell = tile(column, row);
        requireSize(cell.segments, grid.tileSize);
        return { ...cell, left: column * grid.tileSize, top: row * grid.tileSize };
      });
      yield* assembler.band(cells);
    }
    const rest = assembler.end();
    if (rest.length > 0) yield rest;
  } finally {
    assembler.release();
  }
}

/** A grid of equal cells as a picture: each row is a band. @throws PermanentError `jpeg.grid` */
function shapeOf({ profile, grid, density }: Assembly): PictureShape {
  const { columns, rows, tileSize } = grid;
  const isCount = (n: number) => Number.isInteger(n) && n > 0;
  if (!isCount(columns) || !isCount(rows) || !isTileSize(tileSize)) {
    throw new PermanentError(
      'jpeg.grid',
      `A grid of ${columns} x ${rows} tiles of ${tileSize} px cannot be assembled: it needs at least one column and one row, and tiles of a multiple of ${MCU_SIZE} px, at most ${MAX_TILE_SIZE} px.`,
    );
  }
  const [width, height] = [columns * tileSize, rows * tileSize];
  return { profile, width, height, bandHeight: tileSize, cellSize: tileSize, density };
}

/**
 * Puts a JPEG of cells of several sizes together; see `PictureAssembler`.
 *
 * @returns Chunks as those of `assembleChunks`. Holds the tiles of one band.
 * @throws PermanentError `jpeg.too-large`, `jpeg.grid`, `jpeg.density`, `jpeg.cells`, `jpeg.shift`,
 *   `jpeg.tile-segments`, and `jpeg.dc-range`, which takes a quantisation step of 1.
 */
export function* assembleCells({
  cells,
  ...shape
}: CellAssembly): Generator<Uint8Array<ArrayBuffer>, void> {
  const assembler = new PictureAssembler(shape);
  try {
    yield assembler.header;
    for (const band of bandsOf(cells, shape.bandHeight)) yield* assembler.band(band);
    const rest = assembler.end();
    if (rest.length > 0) yield rest;
  } finally {
    assembler.release();
  }
}

const noSteps: DcSteps = { y: 0, cb: 0, cr: 0 };

/** What a picture is, apart from its cells. */
export interface PictureShape extends Omit<CellAssembly, 'cells'> {
  /**
   * The side that all cells have, in pixels, if they have: then a restart interval is as wide as a cell,
   * and segments that keep their colour are copied as they are. Otherwise a restart interval is as wide
   * as the picture, and within it the segments are joined bit by bit: each first DC is coded as the
   * difference from the segment before. So tiles of any sizes can stand side by side, as they lie in
   * their packs.
   */
  readonly cellSize?: number | undefined;
}

/**
 * Puts a JPEG together a band of cells after the other, from top to bottom, so that whoever reads tiles
 * from afar can read them a band at a time. It holds the tiles of one band. Call `release` at the end,
 * whatever comes in between.
 */
export class PictureAssembler {
  /** Everything from SOI to the scan's header. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly #shape: PictureShape;
  readonly #mover: SegmentMover;
  /** MCUs in a row. */
  readonly #across: number;
  /** Rows of MCUs. */
  readonly #lines: number;
  /** Rows of MCUs that were written, and segments of them. */
  #line = 0;
  #segments = 0;

  /** @throws PermanentError `jpeg.too-large`, `jpeg.grid`, `jpeg.density`. */
  constructor(shape: PictureShape) {
    const { profile, width, height, density, cellSize = width } = shape;
    this.header = headerBytes({
      ...{ profile, width, height, density },
      restartMcus: cellSize / MCU_SIZE,
    });
    this.#shape = shape;
    this.#across = width / MCU_SIZE;
    this.#lines = height / MCU_SIZE;
    this.#mover = SegmentMover.acquire(codecOf(profile));
  }

  /**
   * The next band.
   * @param cells They cover the band, and none overlaps another; in any order.
   * @returns Chunks of about `CHUNK_BYTES`. Each has a buffer of its own that is never written again.
   * @throws PermanentError `jpeg.cells`, `jpeg.shift`, `jpeg.tile-segments`, `jpeg.dc-range`.
   */
  *band(cells: readonly PlacedCell[]): Generator<Uint8Array<ArrayBuffer>, void> {
    const { profile, bandHeight, cellSize } = this.#shape;
    const mover = this.#mover;
    const firstLine = this.#line;
    const lastLine = Math.min(this.#lines, firstLine + bandHeight / MCU_SIZE);
    mover.clear();
    const loaded = cells.map((cell) => {
      const segments = segmentsOf(cell, profile);
      const steps = cell.shift && shiftToSteps(profile, cell.shift);
      const top = cell.top / MCU_SIZE;
      return { left: cell.left / MCU_SIZE, top, segments, steps, address: mover.load(segments) };
    });
    const covering = coverage(loaded, this.#across, firstLine, lastLine);
    for (let line = firstLine; line < lastLine; line++) {
      const row = (line - firstLine) * this.#across;
      for (let column = 0; column < this.#across;) {
        const { top, segments, steps, address } = loaded[covering[row + column]!]!;
        if (cellSize === undefined) {
          mover.append(address, segments, line - top, steps ?? noSteps);
        } else {
          if (steps) {
            mover.append(address, segments, line - top, steps);
            mover.align();
          } else {
            mover.copy(address, segments, line - top);
          }
          const isLast = line === this.#lines - 1 && column + segments.rows === this.#across;
          mover.marker(isLast ? Marker.eoi : Marker.rst0 + (this.#segments & 7));
          this.#segments++;
        }
        column += segments.rows;
        if (mover.length >= CHUNK_BYTES) yield mover.take();
      }
      this.#line++;
      if (cellSize === undefined) {
        mover.align();
        mover.marker(line === this.#lines - 1 ? Marker.eoi : Marker.rst0 + (line & 7));
      }
    }
  }

  /** What is left of the picture. @throws PermanentError `jpeg.cells` when bands are missing. */
  end(): Uint8Array<ArrayBuffer> {
    if (this.#line < this.#lines) {
      throw badCells(`they end at ${this.#line * MCU_SIZE} of ${this.#lines * MCU_SIZE} px`);
    }
    return this.#mover.take();
  }

  /** Lets another picture use the memory. */
  release(): void {
    this.#mover.release();
  }
}

/** Which of the cells covers each MCU of a band. All measures are in MCUs. */
function coverage(
  cells: readonly {
    readonly left: number;
    readonly top: number;
    readonly segments: TileSegments;
  }[],
  across: number,
  firstLine: number,
  lastLine: number,
): Int32Array {
  const covering = new Int32Array((lastLine - firstLine) * across).fill(-1);
  cells.forEach(({ left, top, segments: { rows } }, index) => {
    const line = top - firstLine;
    const fits = left + rows <= across && line + rows <= lastLine - firstLine;
    if (!fits || !Number.isInteger(left) || !Number.isInteger(line) || left < 0 || line < 0) {
      const place = `${left * MCU_SIZE}, ${top * MCU_SIZE}`;
      throw badCells(`the cell of ${rows * MCU_SIZE} px at ${place} is not within its band`);
    }
    for (let y = line; y < line + rows; y++) {
      const row = covering.subarray(y * across + left, y * across + left + rows);
      if (row.some((other) => other >= 0)) {
        throw badCells(`two cells overlap at ${left * MCU_SIZE}, ${top * MCU_SIZE}`);
      }
      row.fill(index);
    }
  });
  if (covering.includes(-1)) {
    throw badCells(`no cell covers a place in the rows from ${firstLine * MCU_SIZE}`);
  }
  return covering;
}

/** Collects the cells of each band. */
function* bandsOf(
  cells: Iterable<PlacedCell>,
  bandHeight: number,
): Generator<readonly PlacedCell[], void> {
  let band: PlacedCell[] = [];
  let number = 0;
  for (const cell of cells) {
    const own = Math.floor(cell.top / bandHeight);
    if (own !== number) {
      if (own !== number + 1 || band.length === 0) throw badCells('they do not come band by band');
      yield band;
      band = [];
      number = own;
    }
    band.push(cell);
  }
  if (band.length > 0) yield band;
}

const badCells = (what: string) =>
  new PermanentError(
    'jpeg.cells',
    `These cells cannot be assembled: ${what}. Cover the picture with cells, each once.`,
  );

/** Mirrored tiles live as long as the tiles themselves: a warm library mirrors each tile once. */
const mirrors = new WeakMap<TileSegments, TileSegments>();

function segmentsOf({ segments, mirrored }: AssemblyCell, profile: TileProfile): TileSegments {
  if (!mirrored) return segments;
  let mirror = mirrors.get(segments);
  if (!mirror) {
    mirror = mirrorTile(segments, profile);
    mirrors.set(segments, mirror);
  }
  return mirror;
}

/**
 * As `assembleChunks`, all in one. Calls `tile` twice for each cell, first to learn the length.
 * @returns A view of a buffer that may be somewhat longer.
 */
export function assembleJpeg(assembly: Assembly): Uint8Array<ArrayBuffer> {
  const { columns, rows, tileSize } = assembly.grid;
  const segments = columns * rows * (tileSize / MCU_SIZE);
  let jpeg = new Uint8Array(assembledLength(assembly) + GROWTH_BYTES * segments);
  let length = 0;
  for (const chunk of assembleChunks(assembly)) {
    if (length + chunk.length > jpeg.length) {
      const larger = new Uint8Array(Math.ceil(jpeg.length * 1.25) + chunk.length);
      larger.set(jpeg.subarray(0, length));
      jpeg = larger;
    }
    jpeg.set(chunk, length);
    length += chunk.length;
  }
  return jpeg.subarray(0, length);
}

/**
 * The exact number of bytes of the picture, known before it is assembled. Colour shifts are left out
 * of account: they change the length of codes and the number of stuffed bytes.
 * @throws PermanentError as `assembleChunks`.
 */
export function assembledLength(assembly: Assembly): number {
  const { grid, profile, tile } = assembly;
  const { width, height, density, cellSize = width } = shapeOf(assembly);
  const restartMcus = cellSize / MCU_SIZE;
  let length = headerBytes({ profile, width, height, density, restartMcus }).length;
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const cell = tile(column, row);
      requireSize(cell.segments, grid.tileSize);
      const segments = segmentsOf(cell, profile);
      // Behind each segment comes a restart marker, behind the last one EOI.
      length += segments.data.length + 2 * segments.rows;
    }
  }
  return length;
}

/** Everything from SOI to the scan's header. */
function headerBytes(picture: {
  readonly profile: TileProfile;
  readonly width: number;
  readonly height: number;
  readonly density: Density | undefined;
  /** MCUs from one restart marker to the next. */
  readonly restartMcus: number;
}): Uint8Array<ArrayBuffer> {
  const { profile, width, height, density, restartMcus } = picture;
  if (![width / MCU_SIZE, height / MCU_SIZE].every((n) => Number.isInteger(n) && n > 0)) {
    throw new PermanentError(
      'jpeg.grid',
      `A picture of ${width} x ${height} px cannot be assembled: its sides must be multiples of ${MCU_SIZE} px.`,
    );
  }
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new PermanentError(
      'jpeg.too-large',
      `These tiles make ${width} x ${height} px, but a JPEG has at most ${MAX_SIDE} px a side: take fewer cells or smaller tiles.`,
    );
  }
  return Uint8Array.of(
    ...[0xff, Marker.soi],
    ...[0xff, Marker.app0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, ...densityBytes(density), 0, 0],
    ...tableSegments(profile),
    ...[0xff, Marker.sof0, 0, 17, 8, ...uint16(height), ...uint16(width), 3],
    ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
    ...[0xff, Marker.dri, 0, 4, ...uint16(restartMcus)],
    ...[0xff, Marker.sos, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0],
  );
}

function densityBytes(density: Density | undefined): number[] {
  if (!density) return [0, ...uint16(1), ...uint16(1)];
  for (const value of [density.x, density.y]) {
    if (!Number.isInteger(value) || value < 1 || value > 65_535) {
      throw new PermanentError(
        'jpeg.density',
        `A density of ${value} pixels per ${density.unit} does not fit the JFIF header: take a whole number from 1 to 65,535.`,
      );
    }
  }
  return [density.unit === 'inch' ? 1 : 2, ...uint16(density.x), ...uint16(density.y)];
}

function uint16(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

function requireSize(segments: TileSegments, tileSize: number): void {
  if (segments.size !== tileSize) {
    throw new PermanentError(
      'jpeg.tile-mismatch',
      `A tile of ${segments.size} px cannot stand in a grid of ${tileSize} px tiles: take its segments of that size.`,
    );
  }
}
