import { decode } from 'jpeg-js';
import sharp from 'sharp';
import { isMarkedMosaic, markJpeg, softwareName } from './mark';

const picture = () => sharp({ create: { width: 16, height: 16, channels: 3, background: '#48c' } });

/** As assembled mosaics begin: a JFIF header that states 160 pixels an inch. */
const jfif = [
  0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 1, 0, 160, 0, 160, 0, 0,
];

async function marked(): Promise<Uint8Array> {
  const jpeg = await picture().jpeg().toBuffer();
  return Buffer.concat([
    ...markJpeg([Uint8Array.of(...jfif, 0xff), new Uint8Array(jpeg.subarray(3))]),
  ]);
}

it('recognises a JPEG that it marked', async () => {
  expect(isMarkedMosaic(await marked())).toBe(true);
});

it('leaves the JPEG readable for two decoders, with its resolution', async () => {
  const bytes = await marked();
  const metadata = await sharp(bytes, { failOn: 'warning' }).metadata();
  expect(metadata).toMatchObject({ width: 16, height: 16, density: 160 });
  expect(metadata.exif?.includes(softwareName)).toBe(true);
  expect(decode(bytes).width).toBe(16);
});

it.each([
  ['an unmarked photo', () => picture().jpeg().toBuffer()],
  [
    'a photo by another program',
    () =>
      picture()
        .withExif({ IFD0: { Software: 'Camera 1.2.3' } })
        .jpeg()
        .toBuffer(),
  ],
  [
    'a photo whose description names the program',
    () =>
      picture()
        .withExif({ IFD0: { ImageDescription: 'At the MosaicMe stand' } })
        .jpeg()
        .toBuffer(),
  ],
  ['an empty file', () => Promise.resolve(Buffer.alloc(0))],
])('does not take %s for a mosaic', async (_name, bytes) => {
  expect(isMarkedMosaic(await bytes())).toBe(false);
});
