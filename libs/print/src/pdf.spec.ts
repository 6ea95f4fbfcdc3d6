import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import type { Page } from './page';
import { writePdf } from './pdf';
import { readPdf } from '../testing/read-pdf';

const colours = ['#aa3322', '#22aa33'];
let jpegs: Uint8Array[];

beforeAll(async () => {
  jpegs = await Promise.all(
    colours.map((background) =>
      sharp({ create: { width: 32, height: 16, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    ),
  );
});

const page = (pictures: readonly string[]): Page => ({
  width: 100,
  height: 60,
  trim: { x: 10, y: 5, width: 80, height: 40 },
  bleed: { x: 7, y: 2, width: 86, height: 46 },
  pictures: pictures.map((picture, at) => ({
    picture,
    box: { x: 10 + at * 20, y: 5, width: 20, height: 10 },
  })),
  lines: [{ from: [0, 0], to: [5, 0] }],
  labels: [{ text: 'A1', at: [10, 50], size: 3 }],
});

const write = (pages: readonly Page[], title = 'wall') =>
  writePdf(pages, {
    title,
    creator: 'test',
    picture: (name) => jpegs[Number(name)] ?? new Uint8Array(),
  });

it('holds the JPEGs byte by byte, each once however often it is drawn', async () => {
  const pdf = await readPdf(await write([page(['0', '1', '0']), page(['1'])]));
  expect(pdf.pictures.map((each) => Buffer.from(each))).toEqual(
    jpegs.map((each) => Buffer.from(each)),
  );
  expect(pdf.pages.map(({ pictures }) => pictures.length)).toEqual([2, 1]);
});

it('takes a JPEG from the middle of a buffer', async () => {
  const [jpeg = new Uint8Array()] = jpegs;
  // A Node buffer, whose `slice` copies nothing.
  const around = Buffer.alloc(jpeg.length + 7);
  around.set(jpeg, 7);
  const bytes = await writePdf([page(['x'])], {
    title: '',
    creator: 'test',
    picture: () => around.subarray(7),
  });
  expect(Buffer.from((await readPdf(bytes)).pictures[0] ?? [])).toEqual(Buffer.from(jpeg));
});

it('states the sheet, the trimmed page and the bleed from the bottom left, as PDF has it', async () => {
  const { pages } = await readPdf(await write([page(['0'])]));
  expect(pages[0]).toMatchObject({
    width: 100,
    height: 60,
    trim: [10, 15, 80, 40],
    bleed: [7, 12, 86, 46],
  });
});

it('prints a question mark for a letter that the font lacks', async () => {
  const title = 'Łódź 🎉 2026';
  const labelled = { ...page(['0']), labels: [{ text: title, at: [0, 0], size: 3 } as const] };
  const document = await PDFDocument.load(await write([labelled], title));
  expect(document.getTitle()).toBe('?ód? ? 2026');
});
