import { seededRandom } from '@mosaicme/random';
import type { Pixels } from '@mosaicme/mosaic';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const sourceSide = 64;
const subCells = 8;
/** Largest change of a colour channel, in levels. */
const colourRange = 24;

/** Photos of a folder, 64 x 64 px each. */
export async function readSmallPhotos(folder: string): Promise<Pixels[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const photos: Pixels[] = [];
  for (const name of names) {
    const data = await sharp(await readFile(join(folder, name)))
      .resize(sourceSide, sourceSide)
      .removeAlpha()
      .raw()
      .toBuffer();
    photos.push({ width: sourceSide, height: sourceSide, data });
  }
  return photos;
}

/**
 * Endless tiles of 8 x 8 means, made of photos by crop, mirror and colour variation, always the same
 * ones for the same seed.
 */
export function* variations(photos: readonly Pixels[], seed: number): Generator<Pixels, never> {
  const random = seededRandom(seed);
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  for (;;) {
    const photo = photos[whole(0, photos.length - 1)];
    if (!photo) throw new Error('There are no photos to vary.');
    const box = whole(4, sourceSide / subCells);
    const left = whole(0, sourceSide - box * subCells);
    const top = whole(0, sourceSide - box * subCells);
    const mirrored = random() < 0.5;
    const change = [0, 1, 2].map(() => whole(-colourRange, colourRange));
    const data = new Uint8ClampedArray(subCells * subCells * 3);
    for (let at = 0; at < data.length; at++) {
      const channel = at % 3;
      const column = Math.floor(at / 3) % subCells;
      const row = Math.floor(at / (3 * subCells));
      const from = left + (mirrored ? subCells - 1 - column : column) * box;
      let sum = 0;
      for (let y = top + row * box; y < top + (row + 1) * box; y++) {
        for (let x = from; x < from + box; x++) {
          sum += photo.data[(y * sourceSide + x) * 3 + channel] ?? 0;
        }
      }
      data[at] = sum / (box * box) + (change[channel] ?? 0);
    }
    yield { width: subCells, height: subCells, data: new Uint8Array(data.buffer) };
  }
}
