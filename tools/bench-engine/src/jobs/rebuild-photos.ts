import { prepareTarget, readPixels } from '@mosaicme/imaging';
import { measureQuality } from '@mosaicme/mosaic/quality';
import { defaultMatchOptions, pictureSize, type CellLayout } from '@mosaicme/mosaic';
import { createFolderStore } from '@mosaicme/object-store';
import { assembleRecipe, renderedSizes, renderMosaic } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import type { TileSize } from '@mosaicme/tile-pack';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { indexBucket } from '../index-bucket';
import { median, repeat, type Measured } from './measure';

const memoryBudgetBytes = 256_000_000;

/** Pixels of the longer side at which people look at a whole mosaic, and at which it is measured. */
export const viewedSide = 512;

/** Cells of so many pixels and more count as large. */
const largeCell = 64;

export interface PhotosWork {
  /** Folder of an index that `mosaicme index` wrote. */
  readonly index: string;
  /** Files of the photos to rebuild. */
  readonly photos: readonly string[];
  /** Cells along the longer side of the uniform grid with the same number. */
  readonly cells: number;
  readonly tile: TileSize;
  readonly adaptive: boolean;
  readonly times: number;
  /** Is the bare encoding of the same pixels measured too? */
  readonly withEncoding: boolean;
  /** Folder for the mosaics, which have the names of the photos; none is written without it. */
  readonly out?: string;
}

/**
 * Rebuilds photos with the default options, as whoever looks at the whole mosaic sees them. Times are the
 * sums over all photos; the other figures are means.
 */
export async function rebuildPhotos(work: PhotosWork): Promise<Measured> {
  const store = createFolderStore({ root: work.index });
  const library = await openTileLibrary({
    ...{ store, bucket: indexBucket, memoryBudgetBytes, logger: silentLogger },
  });
  const options = {
    grid: { cells: work.cells },
    tileSize: work.tile,
    adaptive: work.adaptive,
    match: defaultMatchOptions,
  };
  for (const size of renderedSizes(options)) await library.load(size);
  const rows: Readonly<Record<string, number>>[] = [];
  let seconds: number[] = [];
  for (const file of work.photos) {
    const target = await prepareTarget(await readFile(file));
    const made = await repeat(work.times, async () => {
      const rendering = await renderMosaic(target.jpeg, target, library, options);
      return { rendering, chunks: [...assembleRecipe(rendering.recipe, library)] };
    });
    const { rendering, chunks } = made.last;
    const { layout } = rendering.recipe;
    const picture = Buffer.concat(chunks);
    if (work.out !== undefined) {
      await writeFile(join(work.out, file.split('/').at(-1) ?? 'mosaic.jpg'), picture);
    }
    const { width, height } = viewedSize(layout);
    const { psnrY, ssimY } = measureQuality(
      await readPixels(picture, width, height),
      await readPixels(target.jpeg, width, height),
    );
    const encodeSeconds = work.withEncoding ? await encodingTime(picture, work.times) : 0;
    seconds = made.seconds.map((each, time) => each + (seconds[time] ?? 0));
    rows.push({
      cells: layout.count,
      psnrY512: psnrY,
      ssimY512: ssimY,
      areaOfLargeCells: shareOfLargeCells(layout),
      repetition: rendering.statistics.repetition,
      bytes: picture.length,
      encodeSeconds,
      makeSeconds: median(made.seconds),
    });
  }
  await library.close();
  await store.close();
  const sum = (key: string) => rows.reduce((total, row) => total + (row[key] ?? NaN), 0);
  const figures = Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((key) => [key, sum(key) / rows.length]),
  );
  return { seconds, figures };
}

/** The whole mosaic with a longer side of `viewedSide`. */
function viewedSize(layout: CellLayout) {
  const { width, height } = pictureSize(layout);
  const scale = viewedSide / Math.max(width, height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function shareOfLargeCells({ columns, rows, unit, span }: CellLayout): number {
  const large = span.reduce((area, side) => area + (side * unit >= largeCell ? side ** 2 : 0), 0);
  return large / (columns * rows);
}

async function encodingTime(picture: Buffer, times: number): Promise<number> {
  const { data, info } = await sharp(picture, { limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const { seconds } = await repeat(times, () =>
    sharp(data, { raw, limitInputPixels: false })
      .jpeg({ quality: 85, chromaSubsampling: '4:2:0', mozjpeg: false, optimiseCoding: false })
      .toBuffer(),
  );
  return median(seconds);
}
