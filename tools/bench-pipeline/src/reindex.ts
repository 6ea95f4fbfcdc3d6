import { photoId, type PublishedMosaic } from '@mosaicme/contracts';
import { eventually, flush, type Pipeline } from '@mosaicme/faults';
import { mosaicRecordSchema, writeRecord } from '@mosaicme/pipeline';

export interface ReindexResult {
  readonly mosaics: number;
  /** From the flush of Redis until the listing is whole again. */
  readonly seconds: number;
  /** Whether the catalogue said meanwhile that it is being rebuilt. */
  readonly saidRebuilding: boolean;
  /** Whether the listing after it equals the one before. */
  readonly sameListing: boolean;
}

const writesAtOnce = 32;
const timeoutMs = 300_000;

/**
 * Publishes many mosaics (their records only), flushes Redis, and measures how long cacher takes to
 * restore the listing.
 */
export async function measureReindex(
  pipeline: Pipeline,
  redisUrl: string,
  count: number,
): Promise<ReindexResult> {
  const { store, keys, catalogue } = pipeline;
  let next = 0;
  await Promise.all(
    Array.from({ length: writesAtOnce }, async () => {
      while (next < count) {
        const mosaic = sampleMosaic(pipeline, next++);
        await writeRecord(store, keys.mosaicRecord(mosaic.id), mosaicRecordSchema, mosaic);
      }
    }),
  );
  // The first rebuild brings in what no message told of.
  await flush(redisUrl);
  await isWhole(pipeline, count);
  const before = await listing(pipeline);

  const startedAt = performance.now();
  await flush(redisUrl);
  let saidRebuilding = false;
  const whole = await eventually(
    async () => {
      saidRebuilding ||= await catalogue.isRebuilding();
      return !(await catalogue.isEmpty()) && (await catalogue.count()) >= count;
    },
    timeoutMs,
    50,
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await listing(pipeline);
  return {
    mosaics: after.length,
    seconds: Number(seconds.toFixed(1)),
    saidRebuilding,
    sameListing: whole && after.join() === before.join(),
  };
}

async function isWhole({ catalogue }: Pipeline, count: number): Promise<void> {
  const whole = await eventually(
    async () => !(await catalogue.isEmpty()) && (await catalogue.count()) >= count,
    timeoutMs,
  );
  if (!whole) throw new Error(`The catalogue did not get ${count} mosaics in time.`);
}

/** The ids of all mosaics, in the order of the gallery. */
async function listing({ catalogue }: Pipeline): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await catalogue.list({ limit: 200, ...(after !== undefined && { after }) });
    ids.push(...page.entries.map(({ mosaic }) => mosaic.id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

function sampleMosaic({ keys }: Pipeline, number: number): PublishedMosaic {
  const postId = `reindex-${number}`;
  const id = photoId({ network: 'x', postId, mediaIndex: 0 });
  const publishedAt = new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString();
  return {
    id,
    photo: {
      id,
      network: 'x',
      postId,
      mediaIndex: 0,
      author: { id: '1', handle: 'guest' },
      link: `https://x.com/guest/status/${number}`,
      text: '@mosaicme rebuild me #mosaicme',
      postedAt: publishedAt,
    },
    picture: keys.picture(id),
    thumbnail: keys.thumbnail(id),
    recipe: keys.recipe(id),
    size: { width: 1_600, height: 1_200 },
    grid: { columns: 50, rows: 38, tileSize: 32 },
    distinctTiles: 400,
    requestedAt: publishedAt,
    publishedAt,
  };
}
