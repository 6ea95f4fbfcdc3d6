import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@mosaicme/random';
import fc from 'fast-check';
import sharp from 'sharp';

const photos = join(__dirname, '../../../tools/demo-photos/library');

/** The form in which tiles are encoded: baseline, 4:2:0, standard Huffman tables. */
export const tileOptions = {
  quality: 85,
  chromaSubsampling: '4:2:0',
  mozjpeg: false,
  optimiseCoding: false,
} as const;

/** RGB pixels of a square picture. */
export interface Pixels {
  readonly size: number;
  readonly rgb: Uint8Array;
}

export function encode({ size, rgb }: Pixels, quality: number = tileOptions.quality) {
  return sharp(rgb, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ ...tileOptions, quality })
    .toBuffer();
}

/** Centre crops of the first demo photographs. */
export function photoTiles(count: number, size: number): Promise<Buffer[]> {
  const files = readdirSync(photos).sort().slice(0, count);
  return Promise.all(
    files.map((file) =>
      sharp(readFileSync(join(photos, file)))
        .resize(size, size)
        .jpeg(tileOptions)
        .toBuffer(),
    ),
  );
}

/** Pixels of all kinds: flat colours (long runs of zeros), noise (long codes), hard edges. */
export function anyPixels(sizes: readonly number[] = [16, 32, 48, 128]): fc.Arbitrary<Pixels> {
  const colour = fc.tuple(level(), level(), level());
  return fc
    .record({
      size: fc.constantFrom(...sizes),
      kind: fc.constantFrom('flat', 'noise', 'extremes', 'edge', 'ramp'),
      seed: fc.integer(),
      colours: fc.tuple(colour, colour),
    })
    .map(({ size, kind, seed, colours: [a, b] }) => {
      const random = seededRandom(seed);
      const rgb = new Uint8Array(size * size * 3);
      const edge = random() * size;
      for (let at = 0; at < rgb.length; at++) {
        const channel = at % 3;
        const x = Math.floor(at / 3) % size;
        const values = {
          flat: a[channel]!,
          noise: random() * 256,
          extremes: random() < 0.5 ? 0 : 255,
          edge: x < edge ? a[channel]! : b[channel]!,
          ramp: a[channel]! + ((b[channel]! - a[channel]!) * x) / size,
        };
        rgb[at] = values[kind as keyof typeof values];
      }
      return { size, rgb };
    });
}

function level(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 255), fc.integer({ min: 0, max: 255 }));
}
