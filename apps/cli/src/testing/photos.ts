import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** A photo of 96 x 96 pixels with a shape that no other number has. */
export function photo(number: number): Sharp {
  const data = new Uint8Array(96 * 96 * 3);
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [Math.floor(at / 3) % 96, Math.floor(at / 3 / 96)];
    const wave = Math.sin((x * (number + 1)) / 40 + at) + Math.cos((y * (number + 3)) / 30);
    data[at] = 128 + wave * 40 + ((number * 37) % 90) - 45;
  }
  return sharp(data, { raw: { width: 96, height: 96, channels: 3 } });
}

/** Writes the photos `from` to `to - 1` into a folder, each as `<number>.jpg`. */
export const writePhotos = (folder: string, from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, index) =>
      photo(from + index)
        .jpeg()
        .toFile(join(folder, `${from + index}.jpg`)),
    ),
  );
