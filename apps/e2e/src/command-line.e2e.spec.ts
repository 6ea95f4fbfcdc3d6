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

it('says what is missing', () => {
  const { status, stderr } = mosaicme('make', join(folder, 'photo.jpg'));
  expect(status).not.toBe(0);
  expect(stderr).toContain('--library');
});
