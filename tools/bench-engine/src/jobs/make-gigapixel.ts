import { defaultMatchOptions } from '@mosaicme/mosaic';
import { createFolderStore, createS3Store } from '@mosaicme/object-store';
import { assembleRecipe, renderMosaic } from '@mosaicme/rendering';
import { silentLogger } from '@mosaicme/service';
import { openTileLibrary } from '@mosaicme/tile-library';
import { readFile } from 'node:fs/promises';
import { indexBucket } from '../index-bucket';
import { repeat, type Measured } from './measure';

const bucket = 'gigapixel';

/** 256 x 256 cells of 128 px, matched and streamed to S3 as a multipart upload. */
export async function makeGigapixel(work: {
  readonly index: string;
  readonly target: string;
  readonly s3Url: string;
  readonly times: number;
}): Promise<Measured> {
  const library = await openTileLibrary({
    store: createFolderStore({ root: work.index }),
    bucket: indexBucket,
    memoryBudgetBytes: 256_000_000,
    logger: silentLogger,
  });
  await library.load(128);
  const url = new URL(work.s3Url);
  const store = createS3Store({
    endpoint: {
      host: url.hostname,
      port: Number(url.port || 80),
      https: url.protocol === 'https:',
    },
    region: 'us-east-1',
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
  });
  await store.ensureBucket(bucket);
  const bytes = await readFile(work.target);
  const side = 256;
  const options = {
    grid: { columns: side, rows: side },
    tileSize: 128,
    match: { ...defaultMatchOptions, colourShift: 0 },
  } as const;
  const ref = { bucket, key: 'mosaic.jpg' };
  const { seconds, cpuSeconds } = await repeat(work.times, async () => {
    const { recipe } = await renderMosaic(bytes, { width: side, height: side }, library, options);
    await store.putStream(ref, streamed(assembleRecipe(recipe, library)), {
      contentType: 'image/jpeg',
    });
  });
  const stored = await store.head(ref);
  await store.delete(ref);
  await store.close();
  await library.close();
  return { seconds, figures: { cpuSeconds, megabytes: (stored?.size ?? 0) / 1e6 } };
}

async function* streamed<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
