import { PermanentError } from '@mosaicme/errors';
import type { Grid } from './grid';
import type { Pixels } from './pixels';

/**
 * The space in which tiles and cells are compared. A picture becomes `subdivisions` x `subdivisions`
 * means of Y, Cb and Cr (JFIF, full range), and these become the coefficients of an orthonormal
 * two-dimensional DCT. An orthonormal transform keeps distances, and it brings three gifts:
 * - the mean of each channel is one number, so a colour shift touches three numbers only;
 * - mirroring left to right only turns the sign of the odd horizontal frequencies;
 * - most of the difference between two pictures lies in the first few numbers, so a comparison can
 *   stop early.
 */
export interface FeatureSpace {
  /** Sub-cells along each side of a cell. */
  readonly subdivisions: 4 | 8;
  /** How much more a difference in luma counts than the same difference in Cb or Cr, 1 to 8. */
  readonly lumaWeight: number;
}

/** See docs/matching.md for the measurements behind these numbers. */
export const defaultFeatureSpace: FeatureSpace = { subdivisions: 4, lumaWeight: 2 };

/** Feature vectors of tiles, or of the cells of a target. */
export interface Features {
  readonly space: FeatureSpace;
  /** How many vectors. */
  readonly count: number;
  /** `count` vectors of `featureLength(space)` numbers each, -11000 to 11000, one after the other. */
  readonly values: Int16Array;
}

/**
 * Feature units of one level (1/255 of the range) of an orthonormal luma coefficient. With 8 the
 * rounding error is a quarter of what 8-bit pixels have, and the largest difference still fits 16 bits.
 */
export const unitsPerLevel = 8;

/**
 * How much more the luma of details counts than the mean luma. Somewhat above 1 costs little mean error
 * and gains structure (SSIM).
 */
export const detailWeight = 1.3;

/**
 * Chroma is kept as its mean and its slopes only: finer chroma made no measurable difference, and its
 * absence halves the work.
 */
const chromaFrequencies = 2;

/** What one number of a feature vector means. */
export interface Coefficient {
  /** 0 is Y, 1 is Cb, 2 is Cr. */
  readonly channel: 0 | 1 | 2;
  /** Half periods across and down a cell. 0 and 0 is the channel's mean. */
  readonly horizontal: number;
  readonly vertical: number;
  /** Is it no wave, but how much luma varies within the sub-cells? See `textureAt`. */
  readonly isTexture?: true;
}

/**
 * The place of the texture in a vector: the root of the summed variances of luma within the sub-cells. A
 * tile has some; a cell should have none, because no tile can show the very detail that the target has
 * there, and any other is noise.
 */
export const textureAt = 3;

/**
 * The texture of a cell in which nobody will see it, because the cell is too small in the whole picture.
 */
const unseenTexture = -1;

/** How far a tile's texture may be from a cell's without cost, in feature units: none, or any. */
export function textureAllowance({ space, values }: Features, cell: number): number {
  // Larger than any texture, and so small that differences still fit 16 bits.
  return values[cell * featureLength(space) + textureAt] === unseenTexture ? 20_000 : 0;
}

/**
 * The meaning of each number of a vector: first the means of Y, Cb and Cr, then the texture, then by
 * rising frequency, because natural pictures differ most in the low ones. The length is a multiple of 8 (SIMD lanes).
 */
export function coefficients(space: FeatureSpace): readonly Coefficient[] {
  const all: Coefficient[] = [];
  for (const channel of [0, 1, 2] as const) {
    const limit = channel === 0 ? space.subdivisions : chromaFrequencies;
    for (let vertical = 0; vertical < limit; vertical++) {
      for (let horizontal = 0; horizontal < limit; horizontal++) {
        // The least of all: its place is needed for the texture.
        if (channel === 1 && horizontal + vertical === 2) continue;
        all.push({ channel, horizontal, vertical });
      }
    }
  }
  const rank = ({ channel, horizontal, vertical }: Coefficient) => {
    const frequency = horizontal + vertical;
    // A chroma detail holds about as much as a luma detail two steps finer.
    return frequency === 0 ? channel - 3 : frequency + (channel === 0 ? 0 : 2);
  };
  all.sort((a, b) => rank(a) - rank(b));
  all.splice(textureAt, 0, { channel: 0, horizontal: 0, vertical: 0, isTexture: true });
  return all;
}

/** Numbers in one feature vector. */
export function featureLength(space: FeatureSpace): number {
  return space.subdivisions ** 2 + 2 * chromaFrequencies ** 2;
}

/** Feature units of one level of a channel's mean: what a colour shift by 1 changes the mean number by. */
export function unitsPerShiftLevel(space: FeatureSpace, channel: 0 | 1 | 2): number {
  return unitsPerLevel * space.subdivisions * channelWeight(space, channel);
}

/**
 * The features of one tile.
 *
 * @param pixels The tile; both sides are a multiple of `space.subdivisions`, and each sub-cell is the
 *   mean of its pixels. With twice as many pixels or more, the texture is measured too.
 * @returns A vector of `featureLength(space)` numbers.
 * @throws PermanentError `mosaic.bad-pixels`
 */
export function tileFeatures(
  pixels: Pixels,
  space: FeatureSpace = defaultFeatureSpace,
): Int16Array {
  const vector = pictureFeatures(pixels, 1, 1, space);
  vector[textureAt] = textureOf(pixels, space);
  return vector;
}

/** Measured on twice as many places as there are sub-cells, so that it is the same for all sizes. */
function textureOf(pixels: Pixels, { subdivisions }: FeatureSpace): number {
  const side = 2 * subdivisions;
  if (pixels.width % side !== 0 || pixels.height % side !== 0) return 0;
  const means = subCellMeans(pixels, side, side);
  let variances = 0;
  for (let y = 0; y < side; y += 2) {
    for (let x = 0; x < side; x += 2) {
      const lumas = [0, 1, side, side + 1].map((step) => means[(y * side + x + step) * 3] ?? 0);
      const mean = lumas.reduce((sum, luma) => sum + luma, 0) / lumas.length;
      variances += lumas.reduce((sum, luma) => sum + (luma - mean) ** 2, 0) / lumas.length;
    }
  }
  return Math.round(unitsPerLevel * detailWeight * Math.sqrt(variances));
}

/**
 * The features of all cells of a target, row by row.
 *
 * @param pixels The target; its sides are a multiple of columns x subdivisions and of rows x
 *   subdivisions (see `targetSize`), and each sub-cell is the mean of its pixels.
 * @param showsTexture Are the cells so large in the whole picture that one sees the texture of tiles?
 * @throws PermanentError `mosaic.bad-pixels`
 */
export function targetFeatures(
  pixels: Pixels,
  grid: Pick<Grid, 'columns' | 'rows'>,
  space: FeatureSpace = defaultFeatureSpace,
  showsTexture = false,
): Features {
  const values = pictureFeatures(pixels, grid.columns, grid.rows, space);
  if (!showsTexture) hideTexture(values, space);
  return { space, count: grid.columns * grid.rows, values };
}

/** Notes in the vectors of cells that nobody will see the texture of their tiles. */
export function hideTexture(values: Int16Array, space: FeatureSpace): void {
  const length = featureLength(space);
  for (let at = textureAt; at < values.length; at += length) values[at] = unseenTexture;
}

/** The side of a cell, in 512ths of the picture's longer side, from which its tile's texture is seen. */
const seenSide = 8;

/**
 * Are cells so large in the whole picture that one sees the texture of their tiles?
 *
 * @param span Side of the cells in units.
 * @param units Units along the picture's longer side.
 */
export const isTextureSeen = (span: number, units: number): boolean =>
  span * 512 >= seenSide * units;

/**
 * Features of the same pictures mirrored left to right, without their pixels: a cosine of odd
 * horizontal frequency is antisymmetric, so its coefficient changes sign.
 */
export function mirrorFeatures(features: Features): Features {
  const signs = coefficients(features.space).map(({ horizontal }) => (horizontal % 2 ? -1 : 1));
  const values = features.values.map((value, index) => value * (signs[index % signs.length] ?? 1));
  return { ...features, values };
}

/** Puts feature vectors of one space one after the other. */
export function collectFeatures(
  vectors: readonly Int16Array[],
  space: FeatureSpace = defaultFeatureSpace,
): Features {
  const length = featureLength(space);
  const values = new Int16Array(vectors.length * length);
  vectors.forEach((vector, index) => {
    if (vector.length !== length) {
      throw new PermanentError(
        'mosaic.bad-features',
        `Feature vector ${index} has ${vector.length} numbers, but this feature space has ${length}. ` +
          'Compute the features anew.',
      );
    }
    values.set(vector, index * length);
  });
  return { space, count: vectors.length, values };
}

function channelWeight(space: FeatureSpace, channel: 0 | 1 | 2): number {
  return channel === 0 ? 1 : 1 / space.lumaWeight;
}

function pictureFeatures(
  pixels: Pixels,
  columns: number,
  rows: number,
  space: FeatureSpace,
): Int16Array {
  requireSpace(space);
  const side = space.subdivisions;
  const means = subCellMeans(pixels, columns * side, rows * side);
  const cells = Uint32Array.from({ length: columns * rows }, (_, cell) => cell);
  return featuresOfMeans(means, columns, cells, space);
}

/**
 * The features of some cells of a grid.
 *
 * @param means Y - 128, Cb - 128 and Cr - 128 of each sub-cell, interleaved, row by row.
 * @param columns Cells across.
 * @param cells Which cells, counted row by row.
 * @returns A vector for each of them.
 */
export function featuresOfMeans(
  means: Float64Array,
  columns: number,
  cells: Uint32Array,
  space: FeatureSpace,
): Int16Array {
  const side = space.subdivisions;
  const waves = weightedWaves(space);
  const channels = Uint8Array.from(coefficients(space), ({ channel }) => channel);
  const length = channels.length;
  const samples = side * side;
  const values = new Int16Array(cells.length * length);
  const planes = new Float64Array(3 * samples);
  cells.forEach((cell, number) => {
    const left = (cell % columns) * side;
    const top = Math.floor(cell / columns) * side;
    for (let y = 0; y < side; y++) {
      let from = ((top + y) * columns * side + left) * 3;
      for (let x = 0; x < side; x++, from += 3) {
        const to = y * side + x;
        planes[to] = means[from] ?? 0;
        planes[samples + to] = means[from + 1] ?? 0;
        planes[2 * samples + to] = means[from + 2] ?? 0;
      }
    }
    for (let index = 0; index < length; index++) {
      const plane = (channels[index] ?? 0) * samples;
      const wave = index * samples;
      let sum = 0;
      for (let sample = 0; sample < samples; sample++) {
        sum += (waves[wave + sample] ?? 0) * (planes[plane + sample] ?? 0);
      }
      values[number * length + index] = Math.round(sum);
    }
  });
  return values;
}

/**
 * What each number of a vector weighs each sub-cell with: the orthonormal two-dimensional cosine waves
 * (DCT-II), times the weight and the scale of the number.
 */
function weightedWaves(space: FeatureSpace): Float64Array {
  const name = `${space.subdivisions} ${space.lumaWeight}`;
  const known = knownWaves.get(name);
  if (known) return known;
  const side = space.subdivisions;
  const cosine = (frequency: number, sample: number) =>
    Math.sqrt((frequency === 0 ? 1 : 2) / side) *
    Math.cos(((2 * sample + 1) * frequency * Math.PI) / (2 * side));
  const waves = Float64Array.from(
    coefficients(space).flatMap(({ channel, horizontal, vertical, isTexture }) => {
      const isLumaDetail = channel === 0 && horizontal + vertical > 0;
      const scale = isTexture
        ? 0
        : unitsPerLevel * channelWeight(space, channel) * (isLumaDetail ? detailWeight : 1);
      return Array.from(
        { length: side * side },
        (_, sample) =>
          scale * cosine(horizontal, sample % side) * cosine(vertical, Math.floor(sample / side)),
      );
    }),
  );
  knownWaves.set(name, waves);
  return waves;
}

const knownWaves = new Map<string, Float64Array>();

/** Means of Y - 128, Cb - 128 and Cr - 128 of `width` x `height` equal rectangles, interleaved. */
export function subCellMeans(
  pixels: Pixels,
  width: number,
  height: number,
): Float64Array<ArrayBuffer> {
  const { data } = pixels;
  const boxWidth = pixels.width / width;
  const boxHeight = pixels.height / height;
  if (!(Number.isInteger(boxWidth) && Number.isInteger(boxHeight) && boxWidth && boxHeight)) {
    throw new PermanentError(
      'mosaic.bad-pixels',
      `A picture of ${pixels.width} x ${pixels.height} px cannot be divided into ` +
        `${width} x ${height} equal sub-cells. Resize it to a multiple of that size first.`,
    );
  }
  if (data.length !== pixels.width * pixels.height * 3) {
    throw new PermanentError(
      'mosaic.bad-pixels',
      `A picture of ${pixels.width} x ${pixels.height} px needs ${pixels.width * pixels.height * 3} ` +
        `bytes (3 a pixel, no alpha), but there are ${data.length}.`,
    );
  }
  const means = new Float64Array(width * height * 3);
  const area = boxWidth * boxHeight;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = y * boxHeight; row < (y + 1) * boxHeight; row++) {
        let at = (row * pixels.width + x * boxWidth) * 3;
        for (let end = at + boxWidth * 3; at < end; at += 3) {
          red += data[at] ?? 0;
          green += data[at + 1] ?? 0;
          blue += data[at + 2] ?? 0;
        }
      }
      // JFIF (ITU-T T.871) conversion; being linear, it may follow the averaging.
      const luma = (0.299 * red + 0.587 * green + 0.114 * blue) / area;
      const to = (y * width + x) * 3;
      means[to] = luma - 128;
      means[to + 1] = (blue / area - luma) / 1.772;
      means[to + 2] = (red / area - luma) / 1.402;
    }
  }
  return means;
}

function requireSpace(space: FeatureSpace): void {
  const { subdivisions, lumaWeight } = space;
  if ((subdivisions === 4 || subdivisions === 8) && lumaWeight >= 1 && lumaWeight <= 8) return;
  throw new PermanentError(
    'mosaic.bad-feature-space',
    `A feature space has 4 or 8 subdivisions and a luma weight from 1 to 8, ` +
      `not ${subdivisions} and ${lumaWeight}.`,
  );
}
