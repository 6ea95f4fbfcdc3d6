import { readPixels } from '@mosaicme/imaging';
import {
  collectFeatures,
  defaultFeatureSpace,
  defaultMatchOptions,
  matchTiles,
  prepareLibrary,
  targetFeatures,
  targetSize,
  uniformCells,
  tileFeatures,
} from '@mosaicme/mosaic';
import { readFile } from 'node:fs/promises';
import { median, repeat, type Measured } from './measure';
import { readSmallPhotos, variations } from './variations';

/** The same grid matched against a small and a large library of the same kind of tiles, both warm. */
export async function matchMany(work: {
  /** Folder of photos to vary. */
  readonly photos: string;
  readonly target: string;
  readonly columns: number;
  readonly rows: number;
  readonly fewTiles: number;
  readonly manyTiles: number;
  readonly times: number;
}): Promise<Measured> {
  const grid = { columns: work.columns, rows: work.rows, tileSize: 128 };
  const layout = uniformCells(grid);
  const { width, height } = targetSize(grid, defaultFeatureSpace.subdivisions);
  const cells = targetFeatures(await readPixels(await readFile(work.target), width, height), grid);
  const options = { ...defaultMatchOptions, colourShift: 0 };
  const tiles = variations(await readSmallPhotos(work.photos), 2);
  const vectors = Array.from({ length: work.manyTiles }, () => tileFeatures(tiles.next().value));

  const matchAgainst = (count: number) => {
    const library = prepareLibrary(collectFeatures(vectors.slice(0, count)));
    return repeat(work.times, async () => matchTiles({ cells, library, layout, options }));
  };
  const few = await matchAgainst(work.fewTiles);
  const many = await matchAgainst(work.manyTiles);
  const secondsFew = median(few.seconds);
  return {
    seconds: many.seconds,
    figures: {
      secondsFew,
      timesLonger: median(many.seconds) / secondsFew,
      cpuTimesLonger: many.cpuSeconds / few.cpuSeconds,
    },
  };
}
