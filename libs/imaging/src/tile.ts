import type { Pixels } from '@mosaicme/mosaic';
import { bySize, tileSizes, type TileSize } from '@mosaicme/tile-pack';
import sharp, { type Sharp } from 'sharp';
import { decodePhoto, type DecodeOptions, type OpenedPhoto } from './decode';
import { defaultImageLimits, type ImageLimits } from './limits';
import { hashedSide, perceptualHash } from './perceptual-hash';
import { encodeJpeg } from './pixels';
import { sceneHashes, type SceneHashes } from './scene-hashes';
import { shrink } from './shrink';

/** A photo as a tile: everything that a pack is made of. */
export interface TileImages {
  /** Baseline JPEGs with one and the same set of tables, by side in pixels. */
  readonly jpegs: Readonly<Record<TileSize, Uint8Array>>;
  /** RGB means of 4 x 4 and 8 x 8 sub-cells, for matching. */
  readonly subCells: Readonly<Record<4 | 8, Pixels>>;
  /** 64-bit perceptual hash, to tell near-duplicates. */
  readonly hash: bigint;
  /** Hashes of parts of the whole photo, to tell photos of one scene. */
  readonly scene: SceneHashes;
}

const largest = tileSizes[0];

/** Which square of a photo becomes its tile. */
export const crops = ['attention', 'centre'] as const;
export type Crop = (typeof crops)[number];

export interface TileOptions extends DecodeOptions {
  /** `attention` unless given. */
  readonly crop?: Crop;
}

/**
 * Makes a tile of a photo: a square in the pack's form at every size, whatever the source was
 * (progressive, CMYK, greyscale, 16 bits, rotated, with a colour profile). Smaller photos are enlarged.
 *
 * The square is libvips' 'attention' crop (edges, saturation, skin tones) unless the centre is asked for:
 * seen side by side on photographs it kept whole animals and faces where the centre cut them, and
 * 'entropy' preferred textured margins.
 *
 * @throws PermanentError with an `image.*` code that names the limit; see `ImageLimits`.
 */
export async function makeTile(
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
  { crop = 'attention', ...options }: TileOptions = {},
): Promise<TileImages> {
  const whole = await decodePhoto(bytes, limits, options, decodeSmall);
  const pixels = await cutSquare(whole, crop);
  const sized = bySize((size) => shrink(pixels, largest / size));
  const jpegs = await Promise.all(tileSizes.map((size) => encodeJpeg(sized[size])));
  return {
    jpegs: bySize((size) => jpegs[tileSizes.indexOf(size)]!),
    subCells: { 4: shrink(pixels, largest / 4), 8: shrink(pixels, largest / 8) },
    hash: perceptualHash(sized[hashedSide]),
    scene: sceneHashes(whole),
  };
}

/** Longer photos are cut to this ratio around their middle, which bounds what is held at once. */
const longestRatio = 16;

/** The whole photo with a shorter side of the largest tile. */
async function decodeSmall(photo: OpenedPhoto): Promise<Pixels> {
  const pipeline = photo.ratio > longestRatio ? await withoutEnds(photo) : photo.pipeline;
  const { data, info } = await pipeline
    .resize({ width: largest, height: largest, fit: 'outside' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function withoutEnds({ pipeline, uprightSize }: OpenedPhoto): Promise<Sharp> {
  const { width, height } = await uprightSize();
  const region = {
    width: Math.min(width, height * longestRatio),
    height: Math.min(height, width * longestRatio),
  };
  return pipeline.extract({
    left: Math.floor((width - region.width) / 2),
    top: Math.floor((height - region.height) / 2),
    ...region,
  });
}

async function cutSquare(photo: Pixels, crop: Crop): Promise<Pixels> {
  const { width, height, data } = photo;
  if (width === largest && height === largest) return photo;
  const square = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: largest, height: largest, fit: 'cover', position: crop })
    .raw({ depth: 'uchar' })
    .toBuffer();
  return { width: largest, height: largest, data: square };
}
