import type { Pixels } from '@mosaicme/mosaic';

/**
 * Shrinks a picture by a whole factor: each new pixel is the rounded mean of factor x factor old ones.
 * Width and height must be multiples of `factor`.
 */
export function shrink({ width, height, data }: Pixels, factor: number): Pixels {
  if (width % factor !== 0 || height % factor !== 0) {
    throw new RangeError(`${width} x ${height} pixels cannot be shrunk by ${factor}.`);
  }
  if (factor === 1) return { width, height, data };
  const columns = width / factor;
  const rows = height / factor;
  const area = factor * factor;
  const means = new Uint8Array(columns * rows * 3);
  let to = 0;
  for (let top = 0; top < height; top += factor) {
    for (let left = 0; left < width; left += factor) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = top; y < top + factor; y++) {
        const start = (y * width + left) * 3;
        for (let at = start; at < start + factor * 3; at += 3) {
          red += data[at]!;
          green += data[at + 1]!;
          blue += data[at + 2]!;
        }
      }
      means[to++] = Math.round(red / area);
      means[to++] = Math.round(green / area);
      means[to++] = Math.round(blue / area);
    }
  }
  return { width: columns, height: rows, data: means };
}
