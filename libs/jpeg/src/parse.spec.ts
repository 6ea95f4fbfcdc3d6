import { deflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { photoTiles, tileOptions } from '../testing/pictures';
import { decodeCoefficients } from './coefficients';
import { parseJpeg } from './parse';
import { readProfile } from './profile';

const grey = { create: { width: 32, height: 32, channels: 3, background: '#808080' } } as const;
const withCode = (code: string) => expect.objectContaining({ name: 'PermanentError', code });

/** The tile with some bytes of its first segment of this kind replaced. */
async function patched(marker: number, offset: number, ...bytes: number[]): Promise<Buffer> {
  const [tile] = await photoTiles(1, 32);
  const at = tile!.indexOf(Buffer.of(0xff, marker));
  Buffer.from(bytes).copy(tile!, at + offset);
  return tile!;
}

it('reads size, sampling, tables and scan of a baseline JPEG', async () => {
  const [tile] = await photoTiles(1, 32);
  const { width, height, components, restartInterval, scan } = parseJpeg(tile!);
  expect({ width, height, restartInterval }).toEqual({ width: 32, height: 32, restartInterval: 0 });
  expect(components.map((c) => [c.horizontal, c.vertical])).toEqual([
    [2, 2],
    [1, 1],
    [1, 1],
  ]);
  // Quality 85 scales the first steps of the standard's tables, 16 and 17, to 30 %.
  expect(components.map((c) => c.quantisation[0])).toEqual([5, 5, 5]);
  expect([scan.byteOffset + scan.length, scan.buffer]).toEqual([
    tile!.byteOffset + tile!.length - 2,
    tile!.buffer,
  ]);
});

it.each([
  ['a progressive JPEG', sharp(grey).jpeg({ progressive: true }), 'jpeg.progressive'],
  ['a greyscale JPEG', sharp(grey).toColourspace('b-w').jpeg(), 'jpeg.greyscale'],
  ['a CMYK JPEG', sharp(grey).toColourspace('cmyk').jpeg(), 'jpeg.cmyk'],
  ['a PNG', sharp(grey).png(), 'jpeg.not-a-jpeg'],
])('refuses %s', async (_, picture, code) => {
  const bytes = await picture.toBuffer();
  expect(() => parseJpeg(bytes)).toThrow(withCode(code));
});

it.each([
  ['12-bit samples', [0xc0, 4, 12], 'jpeg.precision'],
  ['arithmetic coding', [0xc0, 1, 0xc9], 'jpeg.arithmetic'],
  ['an extended sequential frame', [0xc0, 1, 0xc1], 'jpeg.not-baseline'],
  ['a lossless frame', [0xc0, 1, 0xc3], 'jpeg.not-baseline'],
  ['two components', [0xc0, 9, 2], 'jpeg.components'],
  ['a width of 0', [0xc0, 7, 0, 0], 'jpeg.damaged'],
  ['a scan of one component', [0xda, 4, 1], 'jpeg.several-scans'],
  ['a scan in another order', [0xda, 5, 2], 'jpeg.several-scans'],
  ['a Huffman table that is not there', [0xda, 6, 0x33], 'jpeg.tables'],
  ['16-bit quantisation steps', [0xdb, 4, 0x10], 'jpeg.tables'],
  ['a quantisation step of 0', [0xdb, 5, 0], 'jpeg.tables'],
  ['too many Huffman codes', [0xc4, 5, 3, 0, 3], 'jpeg.huffman-table'],
  ['a Huffman code of an impossible category', [0xc4, 21, 12], 'jpeg.huffman-table'],
  ['a segment that is longer than the file', [0xda, 2, 0xff, 0xff], 'jpeg.truncated'],
  ['no marker behind a segment', [0xc0, 2, 0, 18], 'jpeg.damaged'],
])('refuses %s', async (_, [marker, offset, ...bytes], code) => {
  const jpeg = await patched(marker!, offset!, ...bytes);
  expect(() => parseJpeg(jpeg)).toThrow(withCode(code));
});

it('refuses RGB components, by their names or by the mark of Adobe', async () => {
  const named = await patched(0xc0, 10, 0x52);
  const frame = named.indexOf(Buffer.of(0xff, 0xc0));
  named[frame + 13] = 0x47;
  named[frame + 16] = 0x42;
  expect(() => parseJpeg(named)).toThrow(withCode('jpeg.colour-space'));

  const [tile] = await photoTiles(1, 32);
  const adobe = Buffer.concat([
    tile!.subarray(0, 2),
    Buffer.from('ffee000e41646f6265006400000000' + '00', 'hex'),
    tile!.subarray(2),
  ]);
  expect(() => parseJpeg(adobe)).toThrow(withCode('jpeg.colour-space'));
});

it('refuses every cut of a JPEG', async () => {
  const [tile] = await photoTiles(1, 16);
  for (let length = 2; length < tile!.length; length++) {
    expect(() => parseJpeg(tile!.subarray(0, length))).toThrow(withCode('jpeg.truncated'));
  }
});

it('refuses a scan that ends early or holds no code', async () => {
  const [tile] = await photoTiles(1, 64);
  const end = Buffer.of(0xff, 0xd9);
  const start = tile!.indexOf(Buffer.of(0xff, 0xda)) + 14;
  const cut = Buffer.concat([tile!.subarray(0, start + 100), end]);
  expect(() => decodeCoefficients(cut)).toThrow(withCode('jpeg.truncated'));
  const ones = Buffer.from('ff00'.repeat(200), 'hex');
  const noise = Buffer.concat([tile!.subarray(0, start), ones, end]);
  expect(() => decodeCoefficients(noise)).toThrow(withCode('jpeg.damaged'));
});

it.each([
  ['4:4:4', { ...tileOptions, chromaSubsampling: '4:4:4' }, 'jpeg.sampling'],
  ['optimised Huffman tables', { ...tileOptions, optimiseCoding: true }, 'jpeg.tables'],
])('takes no profile from %s', async (_, options, code) => {
  const [tile] = await photoTiles(1, 64);
  const bytes = await sharp(tile!).jpeg(options).toBuffer();
  expect(() => readProfile(bytes)).toThrow(withCode(code));
});

it('never fails otherwise than by a permanent error, whatever the bytes', async () => {
  const [tile] = await photoTiles(1, 32);
  const noise = deflateRawSync(tile!);
  const failures = new Set<string>();
  for (let at = 2; at < tile!.length; at++) {
    const broken = Buffer.from(tile!);
    broken[at] = noise[at % noise.length]!;
    try {
      decodeCoefficients(broken);
    } catch (error) {
      failures.add((error as Error).name);
    }
  }
  expect([...failures]).toEqual(['PermanentError']);
});
