import sharp from 'sharp';
import { jpegSize } from './jpeg-size';

const picture = () => sharp({ create: { width: 40, height: 24, channels: 3, background: '#48c' } });

it.each([
  ['baseline', {}],
  ['progressive', { progressive: true }],
  ['mozjpeg', { mozjpeg: true }],
])('reads the size of a %s JPEG', async (_name, options) => {
  const bytes = await picture()
    .withExif({ IFD0: { Software: 'x' } })
    .jpeg(options)
    .toBuffer();
  expect(jpegSize(bytes)).toEqual({ width: 40, height: 24 });
});

it.each([
  ['a PNG', () => picture().png().toBuffer()],
  ['an empty file', () => Promise.resolve(Buffer.alloc(0))],
  ['a JPEG that ends early', async () => (await picture().jpeg().toBuffer()).subarray(0, 30)],
  ['a JPEG of zeros', () => Promise.resolve(Buffer.from([0xff, 0xd8, ...Array(40).fill(0)]))],
])('knows no size of %s', async (_name, bytes) => {
  expect(jpegSize(await bytes())).toBeUndefined();
});
