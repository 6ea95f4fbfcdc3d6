import type { Pixels } from './pixels';

/**
 * Shrinks a picture by a whole factor: each new pixel is the rounded mean of factor x factor old ones.
 * Width and height must be multiples of `factor`.
 */
export function shrink({ width, height, data }: Pixels, factor: number): Pixels {
  if (width % factor !== 0 || height % factor !== 0) {
    throw new RangeError(`${width} x ${height} pixels cannot be shrunk by ${factor}.`);
  }
  const columns = width / factor;
  const rows = height / factor;
  const sums = new Uint32Array(columns * rows * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * columns;
    for (let x = 0; x < width; x++) {
      const to = (row + Math.floor(x / factor)) * 3;
      const from = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        sums[to + channel]! += data[from + channel]!;
      }
    }
  }
  const area = factor * factor;
  return {
    width: columns,
    height: rows,
    data: Uint8Array.from(sums, (sum) => Math.round(sum / area)),
  };
}
