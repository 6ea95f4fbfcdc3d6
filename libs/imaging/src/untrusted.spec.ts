import { PermanentError } from '@mosaicme/errors';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { decodingError } from './refusals';
import { pngBomb } from '../testing/photos';
import { defaultImageLimits } from './limits';
import { prepareTarget } from './target';
import { makeTile } from './tile';

const limits = { ...defaultImageLimits, minSide: 32, maxPixels: 1_000_000 };

const noise = (width: number, height: number) =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });

const frames = (count: number, side = 40) =>
  sharp(randomBytes(count * side * side * 3), {
    raw: { width: side, height: side * count, channels: 3, pageHeight: side },
  });

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

const latin1 = (text: string) => Buffer.from(text, 'latin1');

const refusals: [name: string, code: string, make: () => Buffer | Promise<Buffer>][] = [
  ['no bytes at all', 'image.not-an-image', () => Buffer.alloc(0)],
  ['random bytes', 'image.not-an-image', () => Buffer.concat([Buffer.alloc(1), randomBytes(5000)])],
  ['a text', 'image.not-an-image', () => latin1('hello, world')],
  ['a web page', 'image.not-an-image', () => latin1('<html><body>Not found</body></html>')],
  ['an SVG', 'image.format-not-allowed', () => latin1('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  [
    'an SVG with a prologue',
    'image.format-not-allowed',
    () => latin1('<?xml version="1.0"?><svg/>'),
  ],
  ['a PDF', 'image.format-not-allowed', () => latin1('%PDF-1.7\n')],
  ['a TIFF', 'image.format-not-allowed', () => noise(64, 64).tiff().toBuffer()],
  ['a video', 'image.format-not-allowed', () => latin1('\0\0\0\x18ftypisom\0\0\0\0isommp41')],
  [
    'a JPEG cut in half',
    'image.truncated',
    async () => half(await noise(80, 80).jpeg().toBuffer()),
  ],
  ['a PNG cut in half', 'image.truncated', async () => half(await noise(80, 80).png().toBuffer())],
  [
    'a WebP cut in half',
    'image.truncated',
    async () => half(await noise(80, 80).webp().toBuffer()),
  ],
  ['a GIF cut in half', 'image.truncated', async () => half(await noise(80, 80).gif().toBuffer())],
  ['a JPEG without its header', 'image.truncated', () => latin1('\xff\xd8\xff\xe0\0\x10JFIF')],
  ['a picture of one pixel', 'image.too-small', () => noise(1, 1).png().toBuffer()],
  ['a picture one pixel too low', 'image.too-small', () => noise(200, 31).png().toBuffer()],
  ['a decompression bomb', 'image.too-many-pixels', () => pngBomb(30_000, 30_000)],
  ['a picture one row too large', 'image.too-many-pixels', () => pngBomb(1000, 1001)],
  [
    'an AVIF over half the limit',
    'image.too-many-pixels',
    () => noise(1000, 501).avif({ effort: 0 }).toBuffer(),
  ],
];

describe('a picture from a stranger', () => {
  it.each(refusals)('is refused when it is %s: %s', async (_name, code, make) => {
    const bytes = await make();
    const byTarget = await prepareTarget(bytes, limits).catch((error: unknown) => error);
    expect(byTarget).toBeInstanceOf(PermanentError);
    expect(byTarget).toMatchObject({ code });
    await expect(makeTile(bytes, limits)).rejects.toMatchObject({ code });
  });

  it('is refused by its bytes before anything reads it', async () => {
    const bytes = await noise(64, 64).png().toBuffer();
    const tight = { ...limits, maxBytes: bytes.length - 1 };
    await expect(prepareTarget(bytes, tight)).rejects.toMatchObject({
      code: 'image.too-many-bytes',
      message: expect.stringContaining(`${tight.maxBytes}`) as string,
    });
    await expect(
      prepareTarget(bytes, { ...limits, maxBytes: bytes.length }),
    ).resolves.toBeDefined();
  });

  it('is refused when its decoding takes too long', async () => {
    // 1.6 gigapixels: some seconds of work in a file of 200 KB.
    const patient = { ...limits, maxPixels: 2 ** 31, maxSeconds: 1 };
    await expect(makeTile(pngBomb(40_000, 40_000), patient)).rejects.toMatchObject({
      code: 'image.too-slow',
    });
  });

  it('may be tried again when memory was short', () => {
    const error = new Error('vips_image_temp: out of memory');
    expect(decodingError(error, limits)).toBe(error);
  });

  it('names the limit and the way out', async () => {
    await expect(prepareTarget(pngBomb(2000, 1000), limits)).rejects.toThrow(
      'The picture has 2000 x 1000 pixels, the limit is 1000000 in all; send it smaller.',
    );
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('is taken as %s', async (format) => {
    const bytes = await noise(80, 60).toFormat(format).toBuffer();
    await expect(prepareTarget(bytes, limits)).resolves.toMatchObject({ width: 80, height: 60 });
  });

  it.each(['gif', 'webp'] as const)(
    'is taken as its first frame when it moves (%s)',
    async (format) => {
      const bytes = await frames(3).toFormat(format).toBuffer();
      await expect(prepareTarget(bytes, limits)).resolves.toMatchObject({ width: 40, height: 40 });
    },
  );
});
