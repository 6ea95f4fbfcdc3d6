import type { Pixels } from '@mosaicme/mosaic';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { decode, openUntrusted } from './decode';
import { defaultImageLimits, type ImageLimits } from './limits';
import { hashedSide, perceptualHash } from './perceptual-hash';
import { encodeJpeg } from './pixels';
import { shrink } from './shrink';

/** A photo as a tile: everything that a pack is made of. */
export interface TileImages {
  /** Baseline JPEGs with one and the same set of tables, by side in pixels. */
  readonly jpegs: Readonly<Record<TileSize, Uint8Array>>;
  /** RGB means of 4 x 4 and 8 x 8 sub-cells, for matching. */
  readonly subCells: Readonly<Record<4 | 8, Pixels>>;
  /** 64-bit perceptual hash, to tell near-duplicates. */
  readonly hash: bigint;
}

const largest = tileSizes[0];

/**
 * Makes a tile of a photo: the square that draws the eye, in the pack's form at every size, whatever the
 * source was (progressive, CMYK, greyscale, 16 bits, rotated, with a colour profile).
 *
 * The square is libvips' 'attention' crop (edges, saturation, skin tones): seen side by side on photographs
 * it kept whole animals and faces where the centre cut them, and 'entropy' preferred textured margins.
 *
 * @throws PermanentError with an `image.*` code that names the limit; see `ImageLimits`.
 */
export async function makeTile(
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
): Promise<TileImages> {
  const { pipeline } = await openUntrusted(bytes, limits);
  const data = await decode(limits, () =>
    pipeline
      .resize({ width: largest, height: largest, fit: 'cover', position: 'attention' })
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );
  const pixels: Pixels = { width: largest, height: largest, data };
  const jpegs = await Promise.all(
    tileSizes.map(
      async (size) => [size, await encodeJpeg(shrink(pixels, largest / size))] as const,
    ),
  );
  return {
    jpegs: Object.fromEntries(jpegs) as Record<TileSize, Uint8Array>,
    subCells: { 4: shrink(pixels, largest / 4), 8: shrink(pixels, largest / 8) },
    hash: perceptualHash(shrink(pixels, largest / hashedSide)),
  };
}
