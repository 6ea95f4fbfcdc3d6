import type { Pixels } from '@mosaicme/mosaic';

/** By what photos of one scene are told: hashes of several parts of a photo, as it is and mirrored. */
export interface SceneHashes {
  /** One a part, in the order of `sceneParts`; the first is the whole photo. */
  readonly parts: BigUint64Array;
  /** The same parts of the mirrored photo. */
  readonly mirrored: BigUint64Array;
}

/** A part of a photo: its middle as a share of the room that is left, and its sides as shares. */
interface Part {
  readonly x: number;
  readonly y: number;
  /** Share of each side; a square of the shorter side when undefined. */
  readonly scale: number | undefined;
}

/**
 * The whole, the squares at both ends and in the middle (what networks and tiles cut), and moderate crops.
 * docs/matching.md tells how often they recognise a scene.
 */
const partsOfPhoto: readonly Part[] = [
  { x: 0.5, y: 0.5, scale: 1 },
  { x: 0, y: 0, scale: undefined },
  { x: 0.5, y: 0.5, scale: undefined },
  { x: 1, y: 1, scale: undefined },
  { x: 0.5, y: 0.5, scale: 0.85 },
  { x: 0, y: 0, scale: 0.85 },
  { x: 1, y: 0, scale: 0.85 },
  { x: 0, y: 1, scale: 0.85 },
  { x: 1, y: 1, scale: 0.85 },
  { x: 0.5, y: 0.5, scale: 0.7 },
];

/** Hashes that each photo has. */
export const sceneParts = partsOfPhoto.length;

/** Side in samples of what is hashed. */
const side = 32;
const frequencies = 8;

/**
 * Hashes the parts of a photo: the signs of the 63 lowest frequencies of the luma but the mean, against
 * their median (pHash). Mirroring turns the sign of the odd horizontal frequencies, so it needs no pixels.
 *
 * A part without structure, such as a plain wall, has the hash 0, which stands for no scene: plain walls
 * are not one and the same.
 *
 * @param photo The whole photo, small; each side at least 32 pixels.
 */
export function sceneHashes(photo: Pixels): SceneHashes {
  const sums = integralLuma(photo);
  const parts = new BigUint64Array(sceneParts);
  const mirrored = new BigUint64Array(sceneParts);
  partsOfPhoto.forEach((part, index) => {
    const means = samples(sums, photo, part);
    if (deviationOf(means) < leastDeviation) return;
    const coefficients = lowFrequencies(means);
    parts[index] = hashOf(coefficients);
    mirrored[index] = hashOf(coefficients.map((value, at) => (at % 2 === 1 ? -value : value)));
  });
  return { parts, mirrored };
}

/** Levels of standard deviation below which a part has no structure. */
const leastDeviation = 4;

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Sums of the luma above and left of each corner, in (width + 1) x (height + 1) rows. */
function integralLuma({ width, height, data }: Pixels): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      row += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  return sums;
}

/** 32 x 32 means of a part. */
function samples(sums: Float64Array, { width, height }: Pixels, { x, y, scale }: Part) {
  const square = Math.min(width, height);
  const partWidth = scale === undefined ? square : width * scale;
  const partHeight = scale === undefined ? square : height * scale;
  const columns = edges((width - partWidth) * x, partWidth);
  const rows = edges((height - partHeight) * y, partHeight);
  const stride = width + 1;
  const means = new Float64Array(side * side);
  for (let row = 0; row < side; row++) {
    const [top, bottom] = [rows[row]!, Math.max(rows[row]! + 1, rows[row + 1]!)];
    for (let column = 0; column < side; column++) {
      const [left, right] = [
        columns[column]!,
        Math.max(columns[column]! + 1, columns[column + 1]!),
      ];
      const sum =
        sums[bottom * stride + right]! -
        sums[top * stride + right]! -
        sums[bottom * stride + left]! +
        sums[top * stride + left]!;
      means[row * side + column] = sum / ((right - left) * (bottom - top));
    }
  }
  return means;
}

/** The 33 edges of 32 steps along a length, in whole pixels. */
const edges = (start: number, length: number): number[] =>
  Array.from({ length: side + 1 }, (_, step) => Math.round(start + (length * step) / side));

/** cosines[frequency][position] of the DCT-II. */
const cosines = Array.from({ length: frequencies }, (_, frequency) =>
  Float64Array.from({ length: side }, (_, position) =>
    Math.cos(((2 * position + 1) * frequency * Math.PI) / (2 * side)),
  ),
);

/** The 64 lowest frequencies, row by row, the horizontal one changing fastest. */
function lowFrequencies(luma: Float64Array): Float64Array {
  const byRow = new Float64Array(side * frequencies);
  for (let y = 0; y < side; y++) {
    for (const [frequency, cosine] of cosines.entries()) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += luma[y * side + x]! * cosine[x]!;
      byRow[y * frequencies + frequency] = sum;
    }
  }
  const result = new Float64Array(frequencies * frequencies);
  for (const [vertical, cosine] of cosines.entries()) {
    for (let horizontal = 0; horizontal < frequencies; horizontal++) {
      let sum = 0;
      for (let y = 0; y < side; y++) sum += byRow[y * frequencies + horizontal]! * cosine[y]!;
      result[vertical * frequencies + horizontal] = sum;
    }
  }
  return result;
}

function hashOf(coefficients: Float64Array): bigint {
  // The mean brightness is left out: it says nothing about the scene.
  const sorted = coefficients.slice(1).sort();
  const median = sorted[sorted.length >> 1]!;
  let high = 0;
  let low = 0;
  for (let at = 1; at < coefficients.length; at++) {
    const bit = coefficients[at]! > median ? 1 : 0;
    if (at < 32) high = (high << 1) | bit;
    else low = (low << 1) | bit;
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
