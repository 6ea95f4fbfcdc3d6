import { seededRandom } from '@mosaicme/random';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Pixels of the target for each cell: more than matching needs, as any photo has. */
export const targetPixelsPerCell = 16;

/** Sides of the squares cut out of photographs, in pixels, before they become photos of 256 px. */
const smallestCrop = 200;
const photoSide = 256;
const sourceSide = 480;

/**
 * Cuts square photos out of photographs at places of a fixed seed: the first of each photograph, then
 * the second of each, and so on.
 */
export async function cutPhotos(sources: string, folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = (await readdir(sources)).filter((name) => name.endsWith('.jpg')).sort();
  const perSource = Math.ceil(count / files.length);
  const random = seededRandom(1);
  for (const [index, name] of files.entries()) {
    const { data, info } = await sharp(join(sources, name))
      .resize(sourceSide, sourceSide, { fit: 'outside' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const crops = Array.from({ length: perSource }, (_, round) => {
      const side = Math.floor(smallestCrop + random() * (sourceSide - smallestCrop));
      const left = Math.floor(random() * (info.width - side));
      const top = Math.floor(random() * (info.height - side));
      return { number: round * files.length + index, left, top, width: side, height: side };
    });
    await Promise.all(
      crops
        .filter(({ number }) => number < count)
        .map(async ({ number, ...area }) => {
          const file = join(folder, `${String(number).padStart(5, '0')}.jpg`);
          const raw = { width: info.width, height: info.height, channels: info.channels };
          await sharp(data, { raw })
            .extract(area)
            .resize(photoSide, photoSide)
            .jpeg({ quality: 92 })
            .toFile(file);
        }),
    );
  }
}

/** Brings the target to the aspect ratio of the grid, so that every contender rebuilds the same picture. */
export async function cutTarget(
  file: string,
  out: string,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<void> {
  const jpeg = await sharp(file, { failOn: 'error' })
    .autoOrient()
    .resize(columns * targetPixelsPerCell, rows * targetPixelsPerCell, { fit: 'cover' })
    .toColourspace('srgb')
    .removeAlpha()
    .jpeg({ quality: 92 })
    .toBuffer();
  await writeFile(out, jpeg);
}

/** A logo as events have them: 800 x 600 px of #7fb2e5 with a red disc of 180 px radius. */
export async function drawFlatTarget(out: string): Promise<void> {
  const disc = Buffer.from(
    '<svg width="800" height="600"><rect width="800" height="600" fill="#7fb2e5"/>' +
      '<circle cx="400" cy="300" r="180" fill="#ff0000"/></svg>',
  );
  await sharp(disc).removeAlpha().jpeg({ quality: 92 }).toFile(out);
}
