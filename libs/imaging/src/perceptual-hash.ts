import type { Pixels } from '@mosaicme/mosaic';

/** Side in pixels of the picture that is hashed. */
export const hashedSide = 32;
const bitsPerSide = 8;

/**
 * A 64-bit perceptual hash (pHash): the signs of the 8 x 8 lowest frequencies of the luma, against their
 * median. Scaling, compression and small changes of light leave it nearly as it is.
 *
 * @param pixels 32 x 32.
 * @returns 0 to 2^64 - 1, the lowest frequency in the highest bit.
 * @see C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), 3.2
 */
export function perceptualHash({ width, height, data }: Pixels): bigint {
  if (width !== hashedSide || height !== hashedSide) {
    throw new RangeError(
      `A perceptual hash needs ${hashedSide} x ${hashedSide} pixels, not ${width} x ${height}.`,
    );
  }
  const luma = new Float64Array(hashedSide * hashedSide);
  for (let index = 0; index < luma.length; index++) {
    const at = index * 3;
    luma[index] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  }
  const frequencies = lowFrequencies(luma);
  const sorted = Float64Array.from(frequencies).sort();
  const median = (sorted[31]! + sorted[32]!) / 2;
  let hash = 0n;
  for (const value of frequencies) hash = (hash << 1n) | (value > median ? 1n : 0n);
  return hash;
}

/** In how many of their 64 bits two hashes differ. */
export function hammingDistance(first: bigint, second: bigint): number {
  const difference = first ^ second;
  return bitCount(Number(difference >> 32n)) + bitCount(Number(difference & 0xffffffffn));
}

/** Set bits of a 32-bit number (H. Warren, Hacker's Delight, 5-1). */
function bitCount(value: number): number {
  let sum = value - ((value >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** cosines[frequency][position]. Frequency 0 says only how bright the picture is, so it is left out. */
const cosines = Array.from({ length: bitsPerSide }, (_, frequency) =>
  Float64Array.from({ length: hashedSide }, (_, position) =>
    Math.cos(((2 * position + 1) * (frequency + 1) * Math.PI) / (2 * hashedSide)),
  ),
);

/** The two-dimensional DCT-II at the frequencies 1 to 8 in both directions, row by row. */
function lowFrequencies(luma: Float64Array): Float64Array {
  const byRow = new Float64Array(hashedSide * bitsPerSide);
  for (let y = 0; y < hashedSide; y++) {
    for (const [frequency, cosine] of cosines.entries()) {
      let sum = 0;
      for (let x = 0; x < hashedSide; x++) sum += luma[y * hashedSide + x]! * cosine[x]!;
      byRow[y * bitsPerSide + frequency] = sum;
    }
  }
  const result = new Float64Array(bitsPerSide * bitsPerSide);
  for (const [vertical, cosine] of cosines.entries()) {
    for (let horizontal = 0; horizontal < bitsPerSide; horizontal++) {
      let sum = 0;
      for (let y = 0; y < hashedSide; y++) sum += byRow[y * bitsPerSide + horizontal]! * cosine[y]!;
      result[vertical * bitsPerSide + horizontal] = sum;
    }
  }
  return result;
}
