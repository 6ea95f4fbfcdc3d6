import { PermanentError } from '@mosaicme/errors';
import { placeName, type Place } from './coordinates';
import { cornerMarks } from './marks';
import { grow, type Box, type Label, type Line, type Page, type PlacedPicture } from './page';
import { maxSheetSide, type Paper } from './paper';
import { requireSheet, type PixelSize } from './poster';

/** A wall of square stickers, measured in units: the side of its smallest sticker. */
export interface Wall {
  readonly columns: number;
  readonly rows: number;
  /** Side in units of the blocks that hold whole stickers; sheets never cut a block. */
  readonly block: number;
}

export interface Sticker extends Place {
  /** Side in units. */
  readonly span: number;
  /** The name of its picture, a square. */
  readonly picture: string;
}

export interface SheetOptions {
  /** Turned as it shall be. */
  readonly paper: Paper;
  /** White border of the sheet, which printers need. All lengths are millimetres. */
  readonly margin: number;
  /** Side of a unit. */
  readonly unit: number;
  /** Space between stickers, in which their names stand. */
  readonly gap: number;
  /** Picture beyond the cut. */
  readonly bleed: number;
  /** Stands on each sheet. */
  readonly title: string;
}

/** A rectangle of the wall that is printed on one sheet. */
export interface Sheet {
  /** Counted from 1, in rows from the top left. */
  readonly number: number;
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
}

/** Room for the line that names the sheet. */
const headerHeight = 8;
const headerSize = 3;
/** The least space in which a name can be read. */
const minNameRoom = 2;
const maxNameSize = 2.5;
const nameOfRoom = 0.7;
const capitalHeight = 0.7;

/**
 * Cuts a wall into sheets: rectangles as large as the paper holds.
 * @throws PermanentError `print.gap`, `print.sticker-too-large`, `print.sheet-too-large`.
 */
export function planSheets(wall: Wall, options: SheetOptions): readonly Sheet[] {
  const { across, down } = capacity(wall.block, options);
  const sheets: Sheet[] = [];
  for (let top = 0; top < wall.rows; top += down) {
    for (let left = 0; left < wall.columns; left += across) {
      sheets.push({
        number: sheets.length + 1,
        left,
        top,
        columns: Math.min(across, wall.columns - left),
        rows: Math.min(down, wall.rows - top),
      });
    }
  }
  return sheets;
}

/**
 * A sheet as a page: its stickers as they stand on the wall, each with cut marks and its name below.
 * @param stickers Those of the sheet, or more.
 */
export function pageOfSheet(
  sheet: Sheet,
  of: number,
  stickers: readonly Sticker[],
  options: SheetOptions,
): Page {
  const { left, top, columns, rows } = sheet;
  const from = placeName({ column: left, row: top });
  const to = placeName({ column: left + columns - 1, row: top + rows - 1 });
  const own = stickers.filter(
    ({ column, row }) =>
      column >= left && column < left + columns && row >= top && row < top + rows,
  );
  const header = `${options.title}   sheet ${sheet.number} of ${of}   ${from} to ${to}`;
  return pageOf(
    header,
    own.map((sticker) => ({
      sticker,
      at: { column: sticker.column - left, row: sticker.row - top },
    })),
    options,
  );
}

/**
 * Single stickers, close together, for those that were lost or spoilt.
 * @throws PermanentError as `planSheets`.
 */
export function pagesOfStickers(
  stickers: readonly Sticker[],
  options: SheetOptions,
): readonly Page[] {
  const largest = Math.max(1, ...stickers.map(({ span }) => span));
  const { across, down } = capacity(largest, options);
  const pages: { sticker: Sticker; at: Place }[][] = [];
  // Rows of one height from the largest stickers to the smallest: each row is as high as its first.
  let column = across;
  let row = down;
  let height = 0;
  for (const sticker of stickers.toSorted((a, b) => b.span - a.span)) {
    if (column + sticker.span > across) {
      column = 0;
      row += height;
      height = sticker.span;
    }
    if (row + height > down || pages.length === 0) {
      pages.push([]);
      row = 0;
    }
    pages.at(-1)!.push({ sticker, at: { column, row } });
    column += sticker.span;
  }
  return pages.map((placed, index) =>
    pageOf(`${options.title}   reprint ${index + 1} of ${pages.length}`, placed, options),
  );
}

/** The name of the picture of the whole wall on its plan. */
export const wallPicture = 'wall';

/**
 * The plan of a wall: its picture with the sheets' borders and numbers.
 * @param picture Size of the picture in pixels; only its aspect ratio counts.
 */
export function planOfWall(
  wall: Wall,
  sheets: readonly Sheet[],
  picture: PixelSize,
  stickerCount: number,
  { paper, margin, unit, title }: SheetOptions,
): Page {
  const room = {
    x: margin,
    y: margin + headerHeight,
    width: paper.width - 2 * margin,
    height: paper.height - 2 * margin - headerHeight,
  };
  const scale = Math.min(room.width / picture.width, room.height / picture.height);
  const box = { ...room, width: picture.width * scale, height: picture.height * scale };
  const x = (column: number) => box.x + (column / wall.columns) * box.width;
  const y = (row: number) => box.y + (row / wall.rows) * box.height;
  const cutsOf = (side: 'left' | 'top') =>
    [...new Set(sheets.map((sheet) => sheet[side]))].slice(1);
  const lines: Line[] = [
    ...cutsOf('left').map((cut): Line => ({
      from: [x(cut), box.y],
      to: [x(cut), box.y + box.height],
    })),
    ...cutsOf('top').map((cut): Line => ({
      from: [box.x, y(cut)],
      to: [box.x + box.width, y(cut)],
    })),
  ];
  const metres = (units: number) => ((units * unit) / 1000).toFixed(2);
  const header =
    `${title}   ${stickerCount} stickers on ${sheets.length} sheets   ` +
    `${metres(wall.columns)} x ${metres(wall.rows)} m, A1 is at the top left`;
  return {
    ...wholeSheet(paper),
    pictures: [{ picture: wallPicture, box }],
    lines,
    labels: [
      headerLabel(header, margin, paper),
      ...sheets.map((sheet): Label => {
        const width = x(sheet.left + sheet.columns) - x(sheet.left);
        const height = y(sheet.top + sheet.rows) - y(sheet.top);
        const size = Math.min(4, height * 0.4);
        return {
          text: String(sheet.number),
          at: [x(sheet.left) + width / 2, y(sheet.top) + height / 2 + (size * capitalHeight) / 2],
          size,
          centred: true,
          maxWidth: width * 0.6,
          onPicture: true,
        };
      }),
    ],
  };
}

/** How many units a sheet holds in each direction: whole blocks. */
function capacity(block: number, options: SheetOptions): { across: number; down: number } {
  const { paper, margin, unit, gap, bleed } = options;
  requireSheet(paper.width, paper.height);
  if (gap < 2 * bleed + minNameRoom) {
    throw new PermanentError(
      'print.gap',
      `A gap of ${gap} mm leaves no room for cut marks and names between stickers with ${bleed} mm of bleed; ` +
        `use --gap ${2 * bleed + minNameRoom} or more.`,
    );
  }
  const inBlocks = (length: number) => Math.floor(length / (unit + gap) / block + 1e-9) * block;
  // Below the last row its names need a gap too; beside the last column nothing does.
  const across = inBlocks(paper.width - 2 * margin + gap);
  const down = inBlocks(paper.height - 2 * margin - headerHeight);
  if (across > 0 && down > 0) return { across, down };
  const needed = Math.ceil(block * (unit + gap) + 2 * margin);
  throw new PermanentError(
    'print.sticker-too-large',
    `Stickers of ${block * unit} mm need a sheet of ${needed} x ${needed + headerHeight} mm with gaps, margins and the ` +
      `sheet's name, but the paper has ${paper.width} x ${paper.height} mm. ` +
      `Use a smaller --sticker or a larger --paper, up to ${maxSheetSide} mm a side.`,
  );
}

function pageOf(
  header: string,
  placed: readonly { readonly sticker: Sticker; readonly at: Place }[],
  options: SheetOptions,
): Page {
  const { paper, margin, unit, gap, bleed } = options;
  const pictures: PlacedPicture[] = [];
  const lines: Line[] = [];
  const labels: Label[] = [headerLabel(header, margin, paper)];
  const nameRoom = gap - 2 * bleed;
  const size = Math.min(maxNameSize, nameRoom * nameOfRoom);
  for (const { sticker, at } of placed) {
    const { span, picture } = sticker;
    const side = span * unit;
    // A sticker of several units stands in the middle of the space that they and their gaps take.
    const inset = ((span - 1) * gap) / 2;
    const trim: Box = {
      x: margin + at.column * (unit + gap) + inset,
      y: margin + headerHeight + at.row * (unit + gap) + inset,
      width: side,
      height: side,
    };
    pictures.push({ picture, box: grow(trim, bleed) });
    const length = nameRoom / 2 - markClearance;
    lines.push(...cornerMarks(trim, bleed, { length, gap: markClearance }));
    labels.push({
      text: placeName(sticker),
      at: [trim.x + side / 2, trim.y + side + bleed + nameRoom / 2 + (size * capitalHeight) / 2],
      size,
      centred: true,
      maxWidth: side,
    });
  }
  return { ...wholeSheet(paper), pictures, lines, labels };
}

/** Between a sticker's bleed and its marks. */
const markClearance = 0.5;

function wholeSheet({ width, height }: Paper) {
  const sheet = { x: 0, y: 0, width, height };
  return { width, height, trim: sheet, bleed: sheet };
}

const headerLabel = (text: string, margin: number, paper: Paper): Label => ({
  text,
  at: [margin, margin + headerSize],
  size: headerSize,
  maxWidth: paper.width - 2 * margin,
});
