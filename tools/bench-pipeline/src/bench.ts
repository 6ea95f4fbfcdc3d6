import { photoId } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { eventually, flush, startPipeline, type Pipeline } from '@mosaicme/faults';
import { connectMessaging, submitRequest } from '@mosaicme/pipeline';
import type { Messaging } from '@mosaicme/messaging';
import { silentLogger } from '@mosaicme/service';
import { startTestServers } from '@mosaicme/test-servers';
import sharp from 'sharp';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureEngineAlone, mosaic } from './engine-alone';
import { measureReindex, type ReindexResult } from './reindex';
import { processorTime, timeForEach } from './processor-time';
import { latenciesOf, type Latencies } from './statistics';

export interface BenchResult {
  readonly cores: number;
  /** Milliseconds. */
  readonly idle: { readonly published: Latencies; readonly answered: Latencies };
  /** With `atOnce` posts under way all the time. */
  readonly loaded: {
    readonly atOnce: number;
    readonly published: Latencies;
    readonly answered: Latencies;
  };
  /** For each number of queued requests. */
  readonly throughput: readonly ({ readonly queued: number } & Saturated)[];
  readonly engine: {
    readonly aloneMosaicsPerMinute: number;
    /** Share of the wall time at saturation that is the engine's own work, 0 to 1. */
    readonly share: number;
    /** What the pipeline adds to the engine's time at saturation, 0.3 for 30 %. */
    readonly overhead: number;
  };
  readonly reindex: ReindexResult;
}

/** What was seen while requests waited all the time. */
interface Saturated {
  readonly mosaicsPerMinute: number;
  /** Milliseconds of processor time for each mosaic, by program; `bench` is this process. */
  readonly processorMs: Readonly<Record<string, number>>;
}

interface Options {
  readonly posts: number;
  readonly queued: readonly number[];
  readonly sample: number;
  /** Published mosaics for the measurement of `reindex`. */
  readonly reindex: number;
  readonly json: string | undefined;
}

const usage =
  'usage: npm run bench:pipeline [-- --posts N] [--queued N,N] [--sample N] [--reindex N] [--json FILE]';
const libraryPhotos = 600;
const atOnce = 8;
const waitMs = 120_000;

/** Measures the pipeline on real servers. @returns the exit code. */
export async function runBench(input: {
  readonly parameters: readonly string[];
  readonly appsFolder: string;
  readonly root: string;
}): Promise<number> {
  let options: Options;
  try {
    options = readOptions(input.parameters);
  } catch (error) {
    console.error(`${messageOf(error)}\n${usage}`);
    return 2;
  }
  const servers = await startTestServers();
  try {
    await flush(servers.redisUrl);
    const pipeline = await startPipeline({
      servers,
      appsFolder: input.appsFolder,
      direct: true,
      environment: {
        MOSAIC_CELLS: String(mosaic.cells),
        MOSAIC_TILE_SIZE: String(mosaic.tileSize),
        MOSAIC_REPEAT_DISTANCE: String(mosaic.repeatDistance),
        MOSAIC_THUMBNAIL_WIDTH: String(mosaic.thumbnailWidth),
        MOSAIC_MIN_TILES: String(Math.floor(libraryPhotos * 0.9)),
        TILES_NEAR_DUPLICATE_BITS: '0',
        LOG_LEVEL: 'info',
      },
      onLog: (name, line) => {
        if (line['level'] === 'error') console.error(`[${name}] ${String(line['msg'])}`);
      },
    });
    try {
      const result = await measure(pipeline, options, { ...input, redisUrl: servers.redisUrl });
      console.log(JSON.stringify(result, null, 2));
      if (options.json !== undefined) await writeFile(options.json, JSON.stringify(result));
      return 0;
    } finally {
      await pipeline.close();
    }
  } finally {
    await servers.stop();
  }
}

function readOptions(parameters: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      posts: { type: 'string', default: '60' },
      queued: { type: 'string', default: '100,5000' },
      sample: { type: 'string', default: '100' },
      reindex: { type: 'string', default: '10000' },
      json: { type: 'string' },
    },
  });
  return {
    posts: whole('--posts', values.posts),
    queued: values.queued.split(',').map((count) => whole('--queued', count)),
    sample: whole('--sample', values.sample),
    reindex: whole('--reindex', values.reindex),
    json: values.json,
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`${name} is '${text}' and must be a whole number from 1.`);
}

async function measure(
  pipeline: Pipeline,
  options: Options,
  { root, redisUrl }: { readonly root: string; readonly redisUrl: string },
): Promise<BenchResult> {
  const say = (line: string) => console.error(line);
  const folder = join(root, 'tools/demo-photos/requests');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).slice(0, 6);
  const photos = await Promise.all(
    names.map((name) =>
      readFile(join(folder, name)).then((photo) => sharp(photo).resize(800).jpeg().toBuffer()),
    ),
  );

  say(`Filling the library with ${libraryPhotos} photos …`);
  await pipeline.fillLibrary(libraryPhotos);
  const messaging = connectMessaging(pipeline.config, silentLogger, 'bench');
  await messaging.ready();
  const arrivals = await watchArrivals(messaging);

  const post = async (index: number) => {
    const startedAt = performance.now();
    const id = await pipeline.request(photos[index % photos.length]!);
    const [published, answered] = await Promise.all([
      arrivals.of('published', id),
      arrivals.of('answered', id),
    ]);
    return { published: published - startedAt, answered: answered - startedAt };
  };
  const summary = (posts: readonly { published: number; answered: number }[]) => ({
    published: latenciesOf(posts.map(({ published }) => published)),
    answered: latenciesOf(posts.map(({ answered }) => answered)),
  });

  say('Warming up …');
  for (let index = 0; index < 5; index++) await post(index);
  say(`${options.posts} posts, one after the other …`);
  const single = [];
  for (let index = 0; index < options.posts; index++) single.push(await post(index));
  say(`${options.posts} posts, ${atOnce} under way …`);
  const loaded: { published: number; answered: number }[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < options.posts) loaded.push(await post(next++));
    }),
  );

  const throughput = [];
  for (const queued of options.queued) {
    const sample = Math.min(queued, options.sample);
    say(`${queued} requests queued, ${sample} of them timed …`);
    await emptied(pipeline);
    const seen = await saturate(pipeline, messaging, arrivals, photos, { queued, sample });
    throughput.push({ queued, ...seen });
  }

  await emptied(pipeline);
  say(`Reindexing ${options.reindex} mosaics …`);
  const reindex = await measureReindex(pipeline, redisUrl, options.reindex);

  say('The engine alone …');
  await pipeline.stopApps();
  const { store, config } = pipeline;
  const alone = await measureEngineAlone(store, config.buckets.tiles, photos, 40);
  await messaging.close();
  const saturated = (throughput[0]?.mosaicsPerMinute ?? 0) / 60;
  return {
    cores: cpus().length,
    idle: summary(single),
    loaded: { atOnce, ...summary(loaded) },
    throughput,
    engine: {
      aloneMosaicsPerMinute: Math.round(60 / alone),
      share: Number((alone * saturated).toFixed(3)),
      overhead: Number((1 / (alone * saturated) - 1).toFixed(3)),
    },
    reindex,
  };
}

type Kind = 'published' | 'answered';

interface Arrivals {
  /** When the event about this photo was heard, by `performance.now()`. */
  of(kind: Kind, id: string): Promise<number>;
  count(kind: Kind): number;
  /** Resolves when so many were heard. */
  reached(kind: Kind, count: number): Promise<number>;
}

async function watchArrivals(messaging: Messaging): Promise<Arrivals> {
  const heard = { published: new Map<string, number>(), answered: new Map<string, number>() };
  const waiting = new Set<() => void>();
  const hear = (kind: Kind, id: string): void => {
    if (!heard[kind].has(id)) heard[kind].set(id, performance.now());
    for (const look of waiting) look();
  };
  await messaging.listen(['mosaic.published.v1', 'mosaic.answered.v1'], (event) => {
    if (event.type === 'mosaic.published.v1') hear('published', event.data.mosaic.id);
    else hear('answered', event.data.id);
  });
  const until = <Value>(what: string, find: () => Value | undefined): Promise<Value> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`Not heard within ${waitMs / 1_000} s: ${what}.`));
      }, waitMs);
      const look = () => {
        const value = find();
        if (value === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(value);
      };
      waiting.add(look);
      look();
    });
  return {
    of: (kind, id) => until(`${id} ${kind}`, () => heard[kind].get(id)),
    count: (kind) => heard[kind].size,
    reached: (kind, count) =>
      until(`${count} ${kind}`, () => (heard[kind].size >= count ? performance.now() : undefined)),
  };
}

/** Throws away what still waits after a sample, so that it does not disturb what is measured next. */
async function emptied(pipeline: Pipeline): Promise<void> {
  await pipeline.deleteQueues();
  const isEmpty = (counts: ReadonlyMap<string, number>) =>
    [...counts.values()].every((count) => count === 0);
  // Until the apps have made the queues again there is nothing to count.
  await eventually(() => pipeline.messages().then(isEmpty, () => false), waitMs);
}

let queuedBefore = 0;

/** Queues requests and times the first of them. */
async function saturate(
  pipeline: Pipeline,
  messaging: Messaging,
  arrivals: Arrivals,
  photos: readonly Buffer[],
  { queued, sample }: { readonly queued: number; readonly sample: number },
): Promise<Saturated> {
  const { store, keys, simulator } = pipeline;
  const ports = { app: 'bench', store, messaging, keys };
  const submit = async (index: number): Promise<void> => {
    const postId = `queued-${queuedBefore++}`;
    const photo = {
      id: photoId({ network: 'x', postId, mediaIndex: 0 }),
      network: 'x' as const,
      postId,
      mediaIndex: 0,
      author: { id: '1', handle: 'guest' },
      link: `${simulator.url}/guest/status/1`,
      text: 'rebuild me',
      postedAt: new Date().toISOString(),
    };
    const request = { photo, answerable: false, requestedAt: new Date().toISOString() };
    const bytes = photos[index % photos.length]!;
    await submitRequest(ports, request, { bytes, contentType: 'image/jpeg' });
  };
  // Queued while the first worker sleeps, so that the backlog stands before the clock starts.
  const gate = pipeline.apps.get('sync-downloader')!;
  gate.pause();
  for (let index = 0; index < queued; index += 16) {
    const batch = Array.from({ length: Math.min(16, queued - index) }, (_, at) => index + at);
    await Promise.all(batch.map(submit));
  }
  gate.resume();
  const warm = Math.ceil(sample * 0.1);
  const before = arrivals.count('published');
  const startedAt = await arrivals.reached('published', before + warm);
  const usedBefore = await processorTime();
  const endedAt = await arrivals.reached('published', before + sample);
  const used = await processorTime();
  const count = sample - warm;
  return {
    mosaicsPerMinute: Math.round(count / ((endedAt - startedAt) / 60_000)),
    processorMs: timeForEach(usedBefore, used, count),
  };
}
