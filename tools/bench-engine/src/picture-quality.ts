import type { Pixels } from '@mosaicme/mosaic';
import { boxAverage, measureQuality, type Quality } from '@mosaicme/mosaic/quality';
import sharp from 'sharp';

/** How near a written JPEG comes to its target, by box averages in sRGB. */
export interface PictureQuality {
  /** One box a cell. */
  readonly at1: Quality;
  /** 4 x 4 boxes a cell. */
  readonly at4: Quality;
}

/** @param files Both have the aspect ratio of the grid. */
export async function pictureQuality(
  files: { readonly picture: string; readonly target: string },
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<PictureQuality> {
  const picture = await boxMeans(files.picture, columns * 4, rows * 4);
  const target = await boxMeans(files.target, columns * 4, rows * 4);
  return {
    at1: measureQuality(boxAverage(picture, columns, rows), boxAverage(target, columns, rows)),
    at4: measureQuality(picture, target),
  };
}

async function boxMeans(file: string, width: number, height: number): Promise<Pixels> {
  const { data, info } = await sharp(file, { limitInputPixels: false, unlimited: true })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return boxAverage({ width: info.width, height: info.height, data }, width, height);
}
