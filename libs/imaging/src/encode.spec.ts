import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { encodedSideLimits, encodePicture, type EncodedFormat } from './encode';

const [width, height] = [96, 64];
let folder: string;
let jpeg: Buffer;
let pixels: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-encode-'));
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  jpeg = await sharp({ create: { width, height, channels: 3, background: '#888', noise } })
    .blur(2)
    .jpeg()
    .toBuffer();
  pixels = await sharp(jpeg).raw().toBuffer();
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a file in a process of its own, in which no decoder is blocked. */
function open(file: string): { metadata: Metadata; pixels: Buffer } {
  const script = `
    const sharp = require('sharp');
    const file = process.argv[1];
    Promise.all([sharp(file).metadata(), sharp(file, { failOn: 'warning' }).raw().toBuffer()]).then(
      ([metadata, pixels]) => console.log(JSON.stringify({ metadata, pixels: pixels.toString('base64') })),
    );`;
  const seen = JSON.parse(
    execFileSync(process.execPath, ['-e', script, file], {
      cwd: join(__dirname, '../../..'),
      encoding: 'utf8',
    }),
  ) as { metadata: Metadata; pixels: string };
  return { metadata: seen.metadata, pixels: Buffer.from(seen.pixels, 'base64') };
}

const meanError = (a: Buffer, b: Buffer) =>
  a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;

it.each<[EncodedFormat, string, number, number | undefined]>([
  ['png', 'png', 0, 150],
  ['tiff', 'tiff', 0, 150],
  ['webp', 'webp', 3, undefined],
  ['avif', 'heif', 3, undefined],
])('writes %s that shows the same', async (format, name, mostError, density) => {
  const file = join(folder, `picture.${format}`);
  await encodePicture(jpeg, { format, file, software: 'Test 1.2.3', dpi: 150 });
  const seen = open(file);
  expect(seen.metadata).toMatchObject({ format: name, width, height });
  expect(seen.metadata.density).toBe(density);
  expect(meanError(pixels, seen.pixels)).toBeLessThanOrEqual(mostError);
});

it.each(['png', 'webp', 'avif'] as const)('names the program in %s', async (format) => {
  const file = join(folder, `named.${format}`);
  await encodePicture(jpeg, { format, file, software: 'Test 1.2.3' });
  expect((await readFile(file)).includes('Test 1.2.3\0')).toBe(true);
});

it.each(['webp', 'avif'] as const)(
  '%s takes pictures up to its limit and no larger',
  async (format) => {
    const limit = encodedSideLimits[format];
    const wide = (side: number) =>
      sharp({ create: { width: side, height: 16, channels: 3, background: '#888' } })
        .jpeg()
        .toBuffer();
    const options = { format, file: join(folder, `wide.${format}`), software: 'Test' };
    await encodePicture(await wide(limit), options);
    await expect(encodePicture(await wide(limit + 1), options)).rejects.toThrow(/too large/);
  },
);
