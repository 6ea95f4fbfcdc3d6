import { readPdf } from '@mosaicme/print/testing';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { plasma } from './pictures';

jest.setTimeout(60_000);

const root = join(__dirname, '../../..');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  await mkdir(join(folder, 'library'));
  for (let seed = 0; seed < 40; seed++) {
    await writeFile(join(folder, 'library', `${seed}.jpg`), await plasma(seed));
  }
  await writeFile(join(folder, 'photo.jpg'), await plasma(700, 300, 200));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command as the README writes it. */
const mosaicme = (...words: string[]) =>
  spawnSync('npm', ['run', '-s', 'mosaicme', '--', ...words], { cwd: root, encoding: 'utf8' });

it('makes a mosaic with no services at all', async () => {
  const out = join(folder, 'mosaic.jpg');
  const library = join(folder, 'library');
  const photo = join(folder, 'photo.jpg');
  const options = ['--cells', '15', '--tile', '32', '--distance', '1'];
  const made = mosaicme('make', photo, '--library', library, '--out', out, ...options);
  expect([made.status, made.stdout.trim()]).toEqual([0, out]);
  const { width, height } = await sharp(await readFile(out), { failOn: 'warning' }).metadata();
  expect({ width, height }).toEqual({ width: 15 * 32, height: 10 * 32 });
});

it('prints posters and sheets of stickers, and names one JSON object each', async () => {
  const at = (name: string) => join(folder, name);
  const library = ['--library', at('library')];
  const wall = ['--out', at('wall.png'), '--recipe', at('wall.recipe'), '--no-adaptive'];
  const made = mosaicme('make', at('photo.jpg'), ...library, ...wall, '--cells', '12', '--json');
  expect(made.status).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ format: 'png', cells: 96, tiles: 40 });

  const paper = ['--out', at('poster.pdf'), '--paper', 'A4', '--bleed', '3', '--cut-marks'];
  const poster = mosaicme('print', at('wall.recipe'), ...library, ...paper);
  expect([poster.status, poster.stdout.trim()]).toEqual([0, at('poster.pdf')]);
  const { pages, pictures } = await readPdf(await readFile(at('poster.pdf')));
  expect(pages).toMatchObject([{ width: 297 + 22, height: 210 + 22 }]);
  expect(pictures).toHaveLength(1);

  const sheets = ['--out', at('sheets.pdf'), '--sheets', '--sticker', '30', '--json'];
  const stickers = mosaicme('print', at('wall.recipe'), ...library, ...sheets);
  const result = JSON.parse(stickers.stdout) as { readonly pages: number };
  expect(result).toMatchObject({ out: at('sheets.pdf'), stickers: 96 });
  expect((await readPdf(await readFile(at('sheets.pdf')))).pages).toHaveLength(result.pages);
});

it('says what is missing', () => {
  const { status, stderr } = mosaicme('make', join(folder, 'photo.jpg'));
  expect(status).not.toBe(0);
  expect(stderr).toContain('--library');
});
