import { PermanentError } from '@mosaicme/errors';
import { LIBJPEG_MAX_SIDE } from '@mosaicme/jpeg';
import { createCellFinder, recipeCell, type CellLayout, type Recipe } from '@mosaicme/mosaic';
import {
  dotsPerInchIn,
  orient,
  pageOfPicture,
  pageOfSheet,
  pagesOfStickers,
  placeName,
  placeOf,
  planOfWall,
  planPoster,
  planSheets,
  wallPicture,
  writePdf,
  type Orientation,
  type Page,
  type Paper,
  type PixelSize,
  type SheetOptions,
  type Sticker,
} from '@mosaicme/print';
import { softwareName } from '../outputs/mark';
import type { Progress } from '../progress';
import { drawableUnits, type DrawnCell, type RecipeDrawer } from './drawer';

const millimetresPerInch = 25.4;

/** What was printed. */
export interface Printed {
  readonly pdf: Uint8Array;
  readonly pages: number;
  /** Pixels an inch, of the least resolved picture. */
  readonly dpi: number;
  readonly stickers?: number;
  /** The share of a poster's picture that is on the paper, 0 to 1. */
  readonly shown?: number;
}

export interface PosterRequest {
  readonly title: string;
  /** Without it the page is as large as the picture at `dpi`. */
  readonly paper?: Paper | undefined;
  readonly orientation?: Orientation | undefined;
  readonly margin: number;
  readonly bleed: number;
  readonly fit: 'whole' | 'fill';
  readonly cutMarks: boolean;
  /** Pixels an inch that the picture should have. */
  readonly dpi: number;
}

/** The poster of a finished picture; its JPEG stands in the PDF as it is. */
export async function printPicture(
  { jpeg, size }: { readonly jpeg: Uint8Array; readonly size: PixelSize },
  request: PosterRequest,
): Promise<Printed> {
  const page = posterPage(size, request);
  const pdf = await writePdf([page], {
    title: request.title,
    creator: softwareName,
    picture: () => jpeg,
  });
  return { pdf, pages: 1, dpi: resolutionOf(page, size), shown: shownOf(page) };
}

/** The poster of a recipe, drawn at the smallest size that has the resolution. */
export async function printPoster(drawer: RecipeDrawer, request: PosterRequest): Promise<Printed> {
  const { layout } = drawer.recipe;
  const sizeAt = (unit: number) => ({ width: layout.columns * unit, height: layout.rows * unit });
  const units = drawableUnits(layout).filter(
    (unit) => Math.max(layout.columns, layout.rows) * unit <= LIBJPEG_MAX_SIDE,
  );
  const resolution = (unit: number) =>
    resolutionOf(posterPage(sizeAt(unit), request), sizeAt(unit));
  const unit = request.paper
    ? (units.toReversed().find((each) => resolution(each) >= request.dpi) ?? units[0])
    : layout.unit;
  if (unit === undefined) {
    throw new PermanentError(
      'print.too-many-cells',
      `${layout.columns} x ${layout.rows} cells are more than one picture can have; print them with --sheets.`,
    );
  }
  return printPicture({ jpeg: await drawer.whole(unit), size: sizeAt(unit) }, request);
}

export interface SheetsRequest {
  readonly title: string;
  readonly paper: Paper;
  readonly orientation?: Orientation | undefined;
  readonly margin: number;
  readonly bleed: number;
  /** Side of the smallest sticker in millimetres. */
  readonly sticker: number;
  readonly gap: number;
  readonly dpi: number;
  /** Numbers of sheets, or nothing for all. */
  readonly sheets?: readonly number[] | undefined;
  /** Places of single stickers, instead of whole sheets. */
  readonly places?: readonly string[] | undefined;
}

/**
 * Sheets of stickers, or single ones.
 * @throws PermanentError `print.*`
 */
export async function printStickers(
  drawer: RecipeDrawer,
  request: SheetsRequest,
  progress: Progress,
): Promise<Printed> {
  const { recipe } = drawer;
  const wall = wallOf(recipe.layout);
  const options = sheetOptions(request, wall);
  const cellOf = new Map<string, number>();
  const stickers = stickersOf(recipe, (cell, name) => cellOf.set(name, cell));
  const { pages, count } = request.places
    ? reprint(request.places, stickers, recipe.layout, options)
    : sheetPages(request.sheets, wall, stickers, options);
  const names = new Set(pages.flatMap(({ pictures }) => pictures.map(({ picture }) => picture)));
  const cells = [...names].flatMap((name) => cellOf.get(name) ?? []);
  const sideOf = (cell: number) =>
    (recipe.layout.span[cell] ?? 1) * options.unit + 2 * options.bleed;
  progress.begin('Reading small photos');
  const drawn = await drawer.cells(cells, (cell) =>
    Math.ceil((sideOf(cell) / millimetresPerInch) * request.dpi),
  );
  let dpi = Infinity;
  const drawCell = (cell: number): DrawnCell => {
    const result = drawn(cell);
    dpi = Math.min(dpi, (result.side / sideOf(cell)) * millimetresPerInch);
    return result;
  };
  const pdf = await writePdf(pages, {
    title: request.title,
    creator: softwareName,
    onPage: (done) => progress.step('Drawing sheets', done, pages.length),
    picture: (name) =>
      name === wallPicture
        ? drawer.whole(drawableUnits(recipe.layout).at(-1)!)
        : drawCell(cellOf.get(name)!).jpeg,
  });
  return { pdf, pages: pages.length, dpi, stickers: count };
}

function sheetPages(
  numbers: readonly number[] | undefined,
  wall: ReturnType<typeof wallOf>,
  stickers: readonly Sticker[],
  options: SheetOptions,
): { pages: Page[]; count: number } {
  const sheets = planSheets(wall, options);
  const unknown = numbers?.find((number) => number < 1 || number > sheets.length);
  if (unknown !== undefined) {
    throw new PermanentError(
      'print.unknown-sheet',
      `There is no sheet ${unknown}; with this paper and these stickers there are 1 to ${sheets.length}.`,
    );
  }
  const chosen = numbers ? sheets.filter(({ number }) => numbers.includes(number)) : sheets;
  const pages = chosen.map((sheet) => pageOfSheet(sheet, sheets.length, stickers, options));
  const count = pages.reduce((sum, { pictures }) => sum + pictures.length, 0);
  if (numbers) return { pages, count };
  const size = { width: wall.columns, height: wall.rows };
  return { pages: [planOfWall(wall, sheets, size, stickers.length, options), ...pages], count };
}

function reprint(
  places: readonly string[],
  stickers: readonly Sticker[],
  layout: CellLayout,
  options: SheetOptions,
): { pages: readonly Page[]; count: number } {
  const find = createCellFinder(layout);
  const cells = places.map((name) => {
    const place = placeOf(name);
    const cell = find(place.column, place.row);
    if (cell >= 0) return cell;
    const last = placeName({ column: layout.columns - 1, row: layout.rows - 1 });
    throw new PermanentError(
      'print.unknown-place',
      `There is no sticker at ${name}; the wall has A1 to ${last}.`,
    );
  });
  const chosen = [...new Set(cells)].map((cell) => stickers[cell]!);
  return { pages: pagesOfStickers(chosen, options), count: chosen.length };
}

const wallOf = ({ columns, rows, largestSpan }: CellLayout) => ({
  columns,
  rows,
  block: largestSpan,
});

function sheetOptions(
  { title, paper, orientation, margin, sticker, gap, bleed }: SheetsRequest,
  wall: ReturnType<typeof wallOf>,
): SheetOptions {
  const options = { title, margin, unit: sticker, gap, bleed };
  if (orientation) return { ...options, paper: orient(paper, orientation) };
  // However the paper lies, the fewer sheets the better.
  const ways = (['portrait', 'landscape'] as const).flatMap((way) => {
    const turned = { ...options, paper: orient(paper, way) };
    try {
      return [{ options: turned, sheets: planSheets(wall, turned).length }];
    } catch {
      return [];
    }
  });
  const best = ways.toSorted((a, b) => a.sheets - b.sheets)[0];
  return best?.options ?? { ...options, paper };
}

/** All stickers in the order of the cells; equal ones share a picture. */
function stickersOf(
  recipe: Recipe,
  onPicture: (cell: number, name: string) => void,
): readonly Sticker[] {
  const { layout } = recipe;
  return Array.from({ length: layout.count }, (_, cell) => {
    const { tileId, mirrored, shift } = recipeCell(recipe, cell);
    const span = layout.span[cell] ?? 1;
    const picture = [tileId, mirrored ? 'mirrored' : '', ...shift, span].join(' ');
    onPicture(cell, picture);
    return { column: layout.left[cell] ?? 0, row: layout.top[cell] ?? 0, span, picture };
  });
}

function posterPage(size: PixelSize, request: PosterRequest): Page {
  const { paper, orientation } = request;
  if (!paper) return pageOfPicture(size, request.dpi).page;
  const way = orientation ?? (size.width > size.height ? 'landscape' : 'portrait');
  return planPoster(size, { ...request, paper: orient(paper, way) });
}

const resolutionOf = ({ pictures: [placed] }: Page, size: PixelSize): number =>
  dotsPerInchIn(placed!.box, size);

function shownOf({ pictures: [placed], trim }: Page): number {
  const { box } = placed!;
  return Math.min(1, trim.width / box.width) * Math.min(1, trim.height / box.height);
}
