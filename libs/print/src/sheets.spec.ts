import fc from 'fast-check';
import { grow, type Box, type Page } from './page';
import {
  pageOfSheet,
  pagesOfStickers,
  planOfWall,
  planSheets,
  type SheetOptions,
  type Sticker,
} from './sheets';

const options: SheetOptions = {
  paper: { width: 210, height: 297 },
  margin: 8,
  unit: 40,
  gap: 6,
  bleed: 0,
  title: 'wall',
};

/** A wall of blocks, of which every other one is divided to the smallest stickers. */
function stickersOf(columns: number, rows: number, block: number): Sticker[] {
  const stickers: Sticker[] = [];
  for (let top = 0; top < rows; top += block) {
    for (let left = 0; left < columns; left += block) {
      const whole = (left / block + top / block) % 2 === 0;
      const span = whole && left + block <= columns && top + block <= rows ? block : 1;
      for (let row = top; row < Math.min(rows, top + block); row += span) {
        for (let column = left; column < Math.min(columns, left + block); column += span) {
          stickers.push({ column, row, span, picture: `${column},${row}` });
        }
      }
    }
  }
  return stickers;
}

const inside = (inner: Box, outer: Box) =>
  inner.x >= outer.x - 1e-6 &&
  inner.y >= outer.y - 1e-6 &&
  inner.x + inner.width <= outer.x + outer.width + 1e-6 &&
  inner.y + inner.height <= outer.y + outer.height + 1e-6;

const apart = (a: Box, b: Box) =>
  a.x + a.width <= b.x + 1e-6 ||
  b.x + b.width <= a.x + 1e-6 ||
  a.y + a.height <= b.y + 1e-6 ||
  b.y + b.height <= a.y + 1e-6;

/** Do all pictures lie apart from each other and, but for their bleed, within the margins? */
function isPrintable({ pictures }: Page, { paper, margin, bleed }: SheetOptions): boolean {
  const room = grow({ x: 0, y: 0, ...paper }, bleed - margin);
  const boxes = pictures.map(({ box }) => box);
  return boxes.every(
    (box, at) => inside(box, room) && boxes.slice(at + 1).every((other) => apart(box, other)),
  );
}

it('cuts the wall into sheets that are numbered in rows', () => {
  const sheets = planSheets({ columns: 9, rows: 8, block: 1 }, options);
  expect(sheets).toEqual([
    { number: 1, left: 0, top: 0, columns: 4, rows: 5 },
    { number: 2, left: 4, top: 0, columns: 4, rows: 5 },
    { number: 3, left: 8, top: 0, columns: 1, rows: 5 },
    { number: 4, left: 0, top: 5, columns: 4, rows: 3 },
    { number: 5, left: 4, top: 5, columns: 4, rows: 3 },
    { number: 6, left: 8, top: 5, columns: 1, rows: 3 },
  ]);
});

it('names each sticker below it, and the sheet above', () => {
  const wall = { columns: 9, rows: 8, block: 1 };
  const sheets = planSheets(wall, options);
  const page = pageOfSheet(sheets[4]!, sheets.length, stickersOf(9, 8, 1), options);
  const [header, ...names] = page.labels.map(({ text }) => text);
  expect(header).toBe('wall   sheet 5 of 6   E6 to H8');
  expect(names).toHaveLength(12);
  expect(names).toEqual(expect.arrayContaining(['E6', 'H6', 'E8', 'H8']));
  expect(page.pictures).toHaveLength(12);
  expect(page.lines).toHaveLength(12 * 8);
});

it('prints every sticker once, in its size and apart from the others, whatever the wall', () => {
  const side = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(
      side,
      side,
      fc.constantFrom(1, 2, 4, 8),
      fc.double({ min: 5, max: 12, noNaN: true }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      (columns, rows, block, unit, bleed) => {
        const chosen = { ...options, unit, bleed, gap: 2 * bleed + 2.5 };
        const stickers = stickersOf(columns, rows, block);
        const sheets = planSheets({ columns, rows, block }, chosen);
        const pages = sheets.map((sheet) => pageOfSheet(sheet, sheets.length, stickers, chosen));
        const printed = pages.flatMap(({ pictures }) => pictures);
        expect(printed.map(({ picture }) => picture).sort()).toEqual(
          stickers.map(({ picture }) => picture).sort(),
        );
        const sideOf = new Map(stickers.map(({ picture, span }) => [picture, span * unit]));
        const errors = printed.map(({ picture, box }) =>
          Math.abs(box.width - sideOf.get(picture)! - 2 * bleed),
        );
        expect(Math.max(...errors)).toBeLessThan(1e-6);
        const again = pagesOfStickers(stickers, chosen);
        expect(again.flatMap(({ pictures }) => pictures)).toHaveLength(stickers.length);
        expect([...pages, ...again].every((page) => isPrintable(page, chosen))).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

it('draws the plan with a number on each sheet and a line between sheets', () => {
  const wall = { columns: 9, rows: 8, block: 1 };
  const sheets = planSheets(wall, options);
  const page = planOfWall(wall, sheets, { width: 9, height: 8 }, 72, options);
  const [header, ...numbers] = page.labels.map(({ text }) => text);
  expect(header).toContain('72 stickers on 6 sheets   0.36 x 0.32 m');
  expect(numbers).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(page.lines).toHaveLength(3);
  expect(inside(page.pictures[0]!.box, grow(page.trim, -options.margin))).toBe(true);
});

it.each([
  [{ gap: 1 }, 1, /gap of 1 mm.*use --gap 2 or more/],
  [{ bleed: 3 }, 1, /3 mm of bleed; use --gap 8 or more/],
  [{ unit: 200 }, 1, /Stickers of 200 mm need a sheet of 222 x 230 mm/],
  [{ unit: 30 }, 8, /Stickers of 240 mm.*smaller --sticker or a larger --paper/],
  [{ margin: 120 }, 1, /the paper has 210 x 297 mm/],
])('refuses %j with blocks of %i units', (change, block, message) => {
  const wall = { columns: 8, rows: 8, block };
  expect(() => planSheets(wall, { ...options, ...change })).toThrow(message);
});
