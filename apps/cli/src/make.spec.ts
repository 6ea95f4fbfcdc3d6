import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { runProgram } from './program';
import { photo, writePhotos } from './testing/photos';

// Each test makes real mosaics, which a busy machine does not do in five seconds.
jest.setTimeout(60_000);

describe('mosaicme', () => {
  let folder: string;
  let library: string;
  let target: string;
  let out: string;
  let said: string[];
  let printed: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mosaicme-cli-'));
    library = join(folder, 'library');
    await mkdir(library);
    target = join(folder, 'target.png');
    out = join(folder, 'mosaic.jpg');
    await photo(99).resize(160, 80, { fit: 'fill' }).png().toFile(target);
    said = [];
    printed = [];
    jest.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
    jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  const make = (...more: string[]) =>
    runProgram(['make', target, '--library', library, '--out', out, '--cells', '10', ...more]);

  it('makes a mosaic out of a folder of photos, and reads each photo only once', async () => {
    await writePhotos(library, 0, 8);
    expect(await make('--distance', '1', '--tile', '16')).toBe(0);
    expect(printed).toEqual([out]);
    const { width, height, format } = await sharp(await readFile(out), {
      failOn: 'warning',
    }).metadata();
    expect({ width, height, format }).toEqual({ width: 160, height: 80, format: 'jpeg' });
    expect(said[0]).toContain('8 photos: 8 new');

    await rm(join(library, '3.jpg'));
    await writePhotos(library, 8, 10);
    expect(await make('--distance', '1')).toBe(0);
    expect(said).toContainEqual(expect.stringContaining('9 photos: 2 new'));
    expect(said).toContainEqual(expect.stringContaining('1 gone'));
  });

  it('takes progressive, CMYK, greyscale and 16-bit photos, and names those it cannot use', async () => {
    await photo(1).jpeg({ progressive: true }).toFile(join(library, 'progressive.jpg'));
    await photo(2).toColourspace('cmyk').jpeg().toFile(join(library, 'cmyk.jpg'));
    await photo(3).greyscale().jpeg().toFile(join(library, 'grey.jpg'));
    await photo(4).toColourspace('rgb16').png().toFile(join(library, 'deep.png'));
    await writeFile(join(library, 'text.jpg'), 'no picture');
    await writeFile(join(library, 'cut.jpg'), (await photo(5).jpeg().toBuffer()).subarray(0, 900));
    await writeFile(join(library, 'notes.txt'), 'not even named as one');
    expect(await runProgram(['index', library])).toBe(0);
    expect(said.at(-1)).toContain('5 photos: 4 new');
    expect(said.at(-1)).toContain('3 skipped');
    expect(said).toContainEqual(expect.stringMatching(/^skipped: text\.jpg: .*no picture/));
    expect(said).toContainEqual(expect.stringMatching(/^skipped: cut\.jpg: /));
    expect(await make('--distance', '1')).toBe(0);
    await sharp(await readFile(out), { failOn: 'warning' }).stats();
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)(
    'writes %s by the ending of the file, and does not take it for a small photo afterwards',
    async (format) => {
      await writePhotos(library, 0, 4);
      out = join(library, `mosaic.${format === 'jpeg' ? 'JPG' : format}`);
      const options = ['--distance', '1', '--tile', '16'];
      expect(await make(...options)).toBe(0);
      const metadata = await sharp(await readFile(out), { failOn: 'warning' }).metadata();
      expect(metadata).toMatchObject({ width: 160, height: 80 });
      expect(metadata.format).toBe(format === 'avif' ? 'heif' : format);

      const renamed = join(library, `holiday${extname(out)}`);
      await rename(out, renamed);
      out = join(folder, 'mosaic.jpg');
      said.length = 0;
      expect(await make(...options)).toBe(0);
      expect(said).toContainEqual(
        expect.stringMatching(/^skipped: holiday\..* mosaic that this program made/),
      );
      expect(said).toContainEqual(expect.stringContaining('5 photos: 0 new'));
      expect(await readdir(library)).not.toContainEqual(expect.stringContaining('partial'));
    },
  );

  it('writes a PDF whose page is as large as the mosaic at its resolution', async () => {
    await writePhotos(library, 0, 4);
    out = join(folder, 'mosaic.pdf');
    expect(await make('--distance', '1', '--tile', '16', '--dpi', '160')).toBe(0);
    const pdf = await PDFDocument.load(await readFile(out));
    expect(pdf.getPageCount()).toBe(1);
    const { width, height } = pdf.getPage(0).getSize();
    expect(width).toBeCloseTo(72);
    expect(height).toBeCloseTo(36);
  });

  it('prints one JSON object with --json and nothing else', async () => {
    await writePhotos(library, 0, 4);
    await writeFile(join(library, 'text.jpg'), 'no picture');
    const recipe = join(folder, 'wall.recipe');
    const options = ['--distance', '1', '--tile', '16', '--no-adaptive', '--recipe', recipe];
    expect(await make(...options, '--json')).toBe(0);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0] ?? '')).toEqual({
      out,
      format: 'jpeg',
      bytes: (await readFile(out)).length,
      recipe,
      width: 160,
      height: 80,
      grid: { columns: 10, rows: 5, unit: 16 },
      cells: 50,
      tiles: 4,
      distinct: 4,
      maxUses: expect.any(Number),
      repetition: expect.any(Number),
      optimal: false,
      relaxed: [],
      library: {
        photos: 4,
        added: 4,
        nearDuplicates: 0,
        removed: 0,
        skipped: [{ file: 'text.jpg', reason: expect.stringContaining('no picture') }],
      },
      seconds: expect.any(Number),
    });
  });

  it('makes a mosaic of three photos, and names what it relaxed', async () => {
    await writePhotos(library, 0, 3);
    expect(await make('--json')).toBe(0);
    expect(JSON.parse(printed[0] ?? '')).toMatchObject({
      relaxed: [{ option: 'repeatDistance', wanted: 5, kept: 0 }],
    });
    expect(said.join('\n')).toContain('Too few photos for --distance 5; made with --distance 0.');
  });

  it('names the skipped photos also when the mosaic cannot be made', async () => {
    await writeFile(join(library, 'text.jpg'), 'no picture');
    expect(await make()).toBe(1);
    expect(said).toContainEqual(expect.stringMatching(/^skipped: text\.jpg: /));
  });

  it('writes the resolution of the paper into the picture', async () => {
    await writePhotos(library, 0, 4);
    const paper = ['--print-width', '50.8', '--dpi', '160', '--tile', '32', '--distance', '1'];
    expect(await make(...paper)).toBe(0);
    const { width, density } = await sharp(await readFile(out)).metadata();
    expect({ width, density }).toEqual({ width: 320, density: 160 });
  });

  describe('refuses with a message that says the way out', () => {
    beforeEach(() => writePhotos(library, 0, 4));

    it.each<[string, () => Promise<number>, RegExp]>([
      [
        'a photo that is missing',
        () => ((target = 'no.jpg'), make()),
        /photo no\.jpg cannot be read/,
      ],
      [
        'a photo that is none',
        async () => {
          await writeFile(target, 'text');
          return make();
        },
        /no picture; send JPEG/,
      ],
      [
        'a library that is missing',
        () => ((library = join(folder, 'nowhere')), make()),
        /no folder .*nowhere/,
      ],
      ['a library that is a file', () => ((library = target), make()), /no folder .*target\.png/],
      [
        'an empty library',
        async () => {
          library = join(folder, 'empty');
          await mkdir(library);
          return make();
        },
        /no tiles; add at least one photo/,
      ],
      [
        'a library that is too small',
        () => make('--max-uses', '2', '--no-adaptive'),
        /has 4 tiles.*need 25\. Add tiles/,
      ],
      [
        'a folder as the file to write',
        () => ((out = library), make()),
        /cannot be written to .*it is a folder/,
      ],
      [
        'a file in a folder that is missing',
        () => ((out = join(folder, 'nowhere/x.jpg')), make()),
        /cannot be written to .*--out FILE/,
      ],
      [
        'an ending that stands for no format',
        () => ((out = join(folder, 'mosaic.bmp')), make()),
        /'\.bmp' stands for no format.*\.jpg, \.jpeg, \.png, \.webp, \.avif, \.tif, \.tiff, \.pdf/,
      ],
      [
        'a file without ending',
        () => ((out = join(folder, 'mosaic')), make()),
        /it has no ending.*\.jpg/,
      ],
      [
        'a mosaic larger than the format can be',
        () => ((out = join(folder, 'mosaic.webp')), make('--grid', '200x2', '--tile', '128')),
        /25600 x 256 px, but WEBP holds at most 16383 px/,
      ],
      [
        'a recipe in a folder that is missing',
        () => make('--recipe', join(folder, 'nowhere/x.recipe')),
        /recipe cannot be written to .*--recipe FILE/,
      ],
      [
        'a mosaic larger than a JPEG',
        () => make('--grid', '600x2', '--tile', '128', '--distance', '0'),
        /76800 px wide.*at most 51\d cells/s,
      ],
    ])('%s', async (_, run, message) => {
      expect(await run()).toBe(1);
      expect(said.join('\n')).toMatch(message);
      expect(printed).toEqual([]);
      const left = await readdir(folder);
      expect(left.filter((name) => name.includes('mosaic') || name === 'nowhere')).toEqual([]);
    });
  });
});
