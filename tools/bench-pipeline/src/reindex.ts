import {
  createRequest,
  defaultCampaign,
  drawingRefs,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { eventually, flush, keepRunning, madeUpPhoto, type Pipeline } from '@mosaicme/faults';
import { writeRecord } from '@mosaicme/object-store';
import { mosaicRecordSchema } from '@mosaicme/requests';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';

export interface ReindexResult {
  readonly mosaics: number;
  /** From the flush of Redis until the listing is whole again, with a snapshot in the bucket. */
  readonly seconds: number;
  /** The same without one, as after the loss of the snapshot: every record is read. */
  readonly secondsFromRecords: number;
  /** Whether the listing after it equals the one before. */
  readonly sameListing: boolean;
  /** What the gallery said meanwhile. */
  readonly gallery: GalleryLooks;
}

/** How often the gallery was asked while mosaics were missing, and what it said. */
export interface GalleryLooks {
  readonly asked: number;
  /** It said that the list is being rebuilt. */
  readonly saidRebuilding: number;
  /** It showed a list with mosaics missing and did not say so. */
  readonly misleading: number;
  /** It answered with an error, or not at all. */
  readonly failed: number;
}

const writesAtOnce = 32;
const timeoutMs = 300_000;
const lookEveryMs = 100;

/**
 * Publishes many mosaics (their records only), flushes Redis, and measures how long cacher takes to
 * restore the listing. A gallery is asked all the while.
 */
export async function measureReindex(
  pipeline: Pipeline,
  {
    redisUrl,
    appsFolder,
    count,
  }: { readonly redisUrl: string; readonly appsFolder: string; readonly count: number },
): Promise<ReindexResult> {
  const { store, keys } = pipeline;
  await pLimit(writesAtOnce).map(Array(count).keys(), async (index) => {
    const mosaic = sampleMosaic(pipeline, index);
    await writeRecord(store, keys.mosaicRecord(mosaic.id), mosaicRecordSchema, mosaic);
  });
  const gallery = await startGallery(pipeline, appsFolder);
  try {
    // The first rebuild brings in what no message told of, and takes the snapshot, which in a running
    // installation is there already.
    const begunAt = performance.now();
    await flush(redisUrl);
    await isWhole(pipeline, count);
    const secondsFromRecords = (performance.now() - begunAt) / 1_000;
    const before = await listing(pipeline);

    const over = new AbortController();
    const startedAt = performance.now();
    await flush(redisUrl);
    const looking = lookAt(gallery.url, before.length, over.signal);
    await isWhole(pipeline, before.length);
    const seconds = (performance.now() - startedAt) / 1_000;
    over.abort();
    const after = await listing(pipeline);
    return {
      mosaics: after.length,
      seconds: Number(seconds.toFixed(1)),
      secondsFromRecords: Number(secondsFromRecords.toFixed(1)),
      sameListing: after.join() === before.join(),
      gallery: await looking,
    };
  } finally {
    await gallery.close();
  }
}

/** The web app as a process of its own. */
async function startGallery({ environment }: Pipeline, appsFolder: string) {
  let opened: (url: string) => void;
  const url = new Promise<string>((resolve) => (opened = resolve));
  const app = keepRunning({
    name: 'web',
    file: join(appsFolder, 'web', 'main.js'),
    environment: { ...environment, WEB_HOST: '127.0.0.1', WEB_PORT: '0' },
    onLog: (line) => {
      if (line['msg'] === 'the gallery is open') opened(String(line['url']));
    },
  });
  return { url: await url, close: () => app.stop() };
}

/** Asks the gallery again and again. Only answers given while mosaics are missing count. */
async function lookAt(url: string, whole: number, over: AbortSignal): Promise<GalleryLooks> {
  const looks = { asked: 0, saidRebuilding: 0, misleading: 0, failed: 0 };
  for (; !over.aborted; await sleep(lookEveryMs)) {
    const seen = await look(url).catch(() => undefined);
    if (over.aborted) break;
    looks.asked++;
    if (!seen) looks.failed++;
    else if (seen.saysRebuilding) looks.saidRebuilding++;
    else if (seen.count < whole) looks.misleading++;
  }
  return looks;
}

async function look(
  url: string,
): Promise<{ readonly saysRebuilding: boolean; readonly count: number }> {
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  const list = await fetch(new URL('/api/mosaics?limit=1', url));
  if (!page.ok || !list.ok) throw new Error(`The gallery answered ${page.status}, ${list.status}.`);
  const { count, isRebuilding } = (await list.json()) as { count: number; isRebuilding: boolean };
  return { saysRebuilding: isRebuilding && (await page.text()).includes('being rebuilt'), count };
}

async function isWhole({ catalogue }: Pipeline, count: number): Promise<void> {
  const whole = await eventually(
    async () => !(await catalogue.isEmpty()) && (await catalogue.count()) >= count,
    timeoutMs,
    50,
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

function sampleMosaic({ config }: Pipeline, number: number): PublishedMosaic {
  const posted = new Date(Date.UTC(2026, 0, 1) + number * 1_000);
  const photo = madeUpPhoto(`reindex-${number}`, posted);
  const request = createRequest(defaultCampaign, photo, { answerable: true, requestedAt: posted });
  const revision = '5f0c9a17be34d268';
  return {
    ...request,
    revision,
    ...drawingRefs(config.buckets, { campaign: defaultCampaign, id: request.id, revision }),
    library: defaultCampaign,
    size: { width: 1_600, height: 1_200 },
    grid: { columns: 50, rows: 38, tileSize: 32 },
    distinctTiles: 400,
    publishedAt: posted.toISOString(),
  };
}
