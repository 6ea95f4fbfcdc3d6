import { readPdf } from '@mosaicme/print/testing';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { runProgram } from '../program';
import { photo, writePhotos } from '../testing/photos';

// Real mosaics are made, which a busy machine does not do in five seconds.
jest.setTimeout(60_000);

let folder: string;
let library: string;
let recipe: string;
let mosaic: string;
let out: string;
let said: string[];
let printed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-print-'));
  library = join(folder, 'library');
  recipe = join(folder, 'wall.recipe');
  mosaic = join(folder, 'wall.jpg');
  out = join(folder, 'wall.pdf');
  await mkdir(library);
  await writePhotos(library, 0, 8);
  const target = join(folder, 'target.png');
  await photo(99).resize(160, 80, { fit: 'fill' }).png().toFile(target);
  listen();
  const options = ['--cells', '10', '--tile', '16', '--no-adaptive', '--distance', '1', '--mirror'];
  const files = ['--library', library, '--out', mosaic, '--recipe', recipe];
  expect(await runProgram(['make', target, ...files, ...options])).toBe(0);
});
beforeEach(listen);
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(out, { force: true });
});
afterAll(() => rm(folder, { recursive: true }));

function listen() {
  said = [];
  printed = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
}

const print = (source: string, ...more: string[]) =>
  runProgram(['print', source, '--out', out, ...more]);
const printRecipe = (...more: string[]) => print(recipe, '--library', library, ...more);
const pdf = async () => readPdf(await readFile(out));

it('prints a mosaic with its JPEG byte by byte', async () => {
  expect(await print(mosaic, '--paper', 'A5')).toBe(0);
  const { pages, pictures } = await pdf();
  expect(pictures.map((each) => Buffer.from(each))).toEqual([await readFile(mosaic)]);
  expect(pages).toMatchObject([{ width: 210, height: 148, trim: [0, 0, 210, 148] }]);
  expect(printed).toEqual([out]);
});

it('makes the page as large as the picture where no paper is named', async () => {
  expect(await print(mosaic, '--dpi', '80')).toBe(0);
  const { pages } = await pdf();
  expect(pages).toMatchObject([{ width: 50.8, height: 25.4 }]);
});

it('adds bleed and room for cut marks around the paper', async () => {
  expect(await print(mosaic, '--paper', 'A6', '--bleed', '3', '--cut-marks')).toBe(0);
  const { pages } = await pdf();
  expect(pages).toMatchObject([
    { width: 148 + 22, height: 105 + 22, trim: [11, 11, 148, 105], bleed: [8, 8, 154, 111] },
  ]);
  expect(said).toContainEqual(expect.stringMatching(/cuts off \d+ % of the picture/));
});

it.each([
  ['16 px', '60', { width: 160, height: 80 }],
  ['32 px', '70', { width: 320, height: 160 }],
  ['128 px', '600', { width: 1280, height: 640 }],
])('draws a recipe with tiles of %s for %s dots an inch', async (_size, dpi, size) => {
  expect(await printRecipe('--paper', '60x30', '--dpi', dpi)).toBe(0);
  const { pictures } = await pdf();
  expect(await sharp(pictures[0]).metadata()).toMatchObject(size);
  const warned = said.some((line) => /dots an inch, not/.test(line));
  expect(warned).toBe(dpi === '600');
});

it('prints a wall as a plan and sheets of stickers that are the cells of the mosaic', async () => {
  const options = ['--sheets', '--sticker', '20', '--dpi', '20', '--json'];
  expect(await printRecipe(...options)).toBe(0);
  const result = JSON.parse(printed[0] ?? '') as { pages: number; stickers: number };
  expect(printed).toHaveLength(1);
  expect(result).toMatchObject({ out, pages: 2, stickers: 50, dpi: 20 });
  const { pages } = await pdf();
  expect(pages).toMatchObject([
    { width: 297, height: 210 },
    { width: 297, height: 210 },
  ]);
  // Drawn at 16 px as in the mosaic, each sticker is one of its cells, colour shift and all.
  const whole = sharp(await readFile(mosaic));
  const cells = new Set<string>();
  for (let cell = 0; cell < 50; cell++) {
    const place = { left: (cell % 10) * 16, top: Math.floor(cell / 10) * 16 };
    const size = { width: 8, height: 8 };
    // The middle, which the smoothing of the neighbours' colours does not reach.
    const middle = { left: place.left + 4, top: place.top + 4, ...size };
    cells.add((await whole.clone().extract(middle).raw().toBuffer()).toString('hex'));
  }
  const stickers = new Set<string>();
  for (const jpeg of pages[1]!.pictures) {
    const middle = sharp(jpeg).extract({ left: 4, top: 4, width: 8, height: 8 });
    stickers.add((await middle.raw().toBuffer()).toString('hex'));
  }
  expect(stickers).toEqual(cells);
});

it('prints chosen sheets without the plan', async () => {
  expect(await printRecipe('--sheets', '2,3-4', '--paper', 'A6', '--json')).toBe(0);
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({ pages: 3 });
});

it('prints single stickers again, each once', async () => {
  expect(await printRecipe('--cells', 'A1', 'j5,A1', '--json')).toBe(0);
  expect(JSON.parse(printed[0] ?? '')).toMatchObject({ pages: 1, stickers: 2 });
});

it('brings the index up to date when small photos are missing in it', async () => {
  await rm(join(library, '.mosaicme'), { recursive: true });
  expect(await printRecipe('--cells', 'B2')).toBe(0);
});

describe('refuses with a message that says the way out', () => {
  it.each<[string, () => Promise<number>, RegExp]>([
    [
      'a source that is missing',
      () => print('no.recipe'),
      /no\.recipe cannot be read.*make --recipe/,
    ],
    [
      'a source that is neither',
      async () => {
        const text = join(folder, 'text.recipe');
        await writeFile(text, 'text');
        return print(text);
      },
      /neither a recipe nor a JPEG/,
    ],
    [
      'a damaged recipe',
      async () => {
        const cut = join(folder, 'cut.recipe');
        await writeFile(cut, (await readFile(recipe)).subarray(0, 90));
        return print(cut, '--library', library);
      },
      /recipe is damaged/,
    ],
    ['a recipe without its photos', () => print(recipe), /--library FOLDER/],
    [
      'a folder that lacks the photos',
      async () => {
        const other = join(folder, 'other');
        await mkdir(other, { recursive: true });
        return print(recipe, '--library', other);
      },
      /of the \d+ small photos of this recipe are not in the folder/,
    ],
    ['stickers of a picture', () => print(mosaic, '--sheets'), /give the recipe/],
    ['a sheet that is not there', () => printRecipe('--sheets', '99'), /no sheet 99.*1 to \d+/],
    ['a place that is not there', () => printRecipe('--cells', 'K1'), /no sticker at K1.*A1 to J5/],
    ['a name that is no place', () => printRecipe('--cells', '12'), /'12' is no place/],
    [
      'stickers larger than the paper',
      () => printRecipe('--sheets', '--sticker', '300'),
      /Stickers of 300 mm need a sheet of/,
    ],
    [
      'bleed and margin at once',
      () => print(mosaic, '--paper', 'A4', '--margin', '5', '--bleed', '3'),
      /either --margin or --bleed/,
    ],
    [
      'an ending other than PDF',
      () => ((out = join(folder, 'print.jpg')), print(mosaic)),
      /does not end with \.pdf/,
    ],
  ])('%s', async (_name, run, message) => {
    const usual = out;
    try {
      expect(await run()).toBe(1);
    } finally {
      out = usual;
    }
    expect(said.join('\n')).toMatch(message);
    expect(printed).toEqual([]);
    expect((await readdir(folder)).filter((name) => /pdf|print/.test(name))).toEqual([]);
  });
});
