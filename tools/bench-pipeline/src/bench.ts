import { messageOf } from '@mosaicme/errors';
import { flush, startPipeline, type Pipeline } from '@mosaicme/faults';
import { connectMessaging } from '@mosaicme/pipeline';
import { silentLogger } from '@mosaicme/service';
import { startTestServers } from '@mosaicme/test-servers';
import sharp from 'sharp';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { watchArrivals } from './arrivals';
import { mosaic, openEngineAlone } from './engine-alone';
import { measureReindex, type ReindexResult } from './reindex';
import { measureSaturation, type Saturated } from './saturation';
import { watchStoreCalls, type StoreCalls } from './store-calls';
import { measureWithdraw, type WithdrawResult } from './withdraw';
import { latenciesOf, type Latencies } from './statistics';

export interface BenchResult {
  readonly cores: number;
  /** Milliseconds. */
  readonly idle: { readonly published: Latencies; readonly answered: Latencies };
  /** With `atOnce` posts in flight all the time. */
  readonly loaded: {
    readonly atOnce: number;
    readonly published: Latencies;
    readonly answered: Latencies;
  };
  /** For each number of queued requests. */
  readonly throughput: readonly Saturated[];
  readonly reindex: ReindexResult;
  readonly withdraw: WithdrawResult;
  /** Calls of all apps to the object store for a mosaic, in the longest queue. */
  readonly storeCallsPerMosaic: number;
}

interface Options {
  readonly posts: number;
  readonly queued: readonly number[];
  /** Mosaics to be timed for each length of the queue; a short queue is filled again and again. */
  readonly timed: number;
  /** Published mosaics for the measurement of `reindex`. */
  readonly reindex: number;
  /** Published mosaics that use the photo that is withdrawn. */
  readonly withdraw: number;
  readonly json: string | undefined;
}

const usage =
  'usage: npm run bench:pipeline [-- --posts N] [--queued N,N] [--timed N] [--reindex N] [--withdraw N] [--json FILE]';
const libraryPhotos = 600;
const atOnce = 8;

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
    const healthUrls = new Map<string, string>();
    const pipeline = await startPipeline({
      servers,
      appsFolder: input.appsFolder,
      direct: true,
      environment: {
        MOSAIC_CELLS: String(mosaic.cells),
        MOSAIC_TILE_SIZE: String(mosaic.tileSize),
        MOSAIC_ADAPTIVE: 'false',
        MOSAIC_REPEAT_DISTANCE: String(mosaic.repeatDistance),
        MOSAIC_THUMBNAIL_WIDTH: String(mosaic.thumbnailWidth),
        MOSAIC_MIN_TILES: String(Math.floor(libraryPhotos * 0.9)),
        TILES_NEAR_DUPLICATE_BITS: '0',
        LOG_LEVEL: 'info',
      },
      onLog: (name, line) => {
        if (typeof line['healthUrl'] === 'string') healthUrls.set(name, line['healthUrl']);
        if (line['level'] === 'error') console.error(`[${name}] ${String(line['msg'])}`);
      },
    });
    try {
      const storeCalls = watchStoreCalls(() => healthUrls.values());
      const result = await measure(pipeline, options, {
        ...input,
        redisUrl: servers.redisUrl,
        storeCalls,
      });
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
      timed: { type: 'string', default: '1000' },
      reindex: { type: 'string', default: '10000' },
      withdraw: { type: 'string', default: '100' },
      json: { type: 'string' },
    },
  });
  return {
    posts: whole('--posts', values.posts),
    queued: values.queued.split(',').map((count) => whole('--queued', count)),
    timed: whole('--timed', values.timed),
    reindex: whole('--reindex', values.reindex),
    withdraw: whole('--withdraw', values.withdraw),
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
  {
    root,
    redisUrl,
    appsFolder,
    storeCalls,
  }: {
    readonly root: string;
    readonly redisUrl: string;
    readonly appsFolder: string;
    readonly storeCalls: StoreCalls;
  },
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
  say(`${options.posts} posts, ${atOnce} in flight …`);
  const loaded = await pLimit(atOnce).map(Array(options.posts).keys(), post);

  say(`Withdrawing a photo that ${options.withdraw} mosaics use …`);
  const withdrawn = await measureWithdraw(
    { pipeline, messaging, arrivals, photos },
    options.withdraw,
  );

  const { store, config } = pipeline;
  const engine = await openEngineAlone(store, config.buckets.tiles, photos);
  const ports = { pipeline, messaging, arrivals, photos, engine, storeCalls };
  const throughput: Saturated[] = [];
  for (const queued of options.queued) {
    say(`${queued} requests queued …`);
    throughput.push(await measureSaturation(ports, { queued, atLeast: options.timed }));
  }
  await engine.close();
  say(`Reindexing ${options.reindex} mosaics …`);
  const reindex = await measureReindex(pipeline, {
    redisUrl,
    appsFolder,
    count: options.reindex,
  });

  await messaging.close();
  return {
    cores: cpus().length,
    idle: summary(single),
    loaded: { atOnce, ...summary(loaded) },
    throughput,
    storeCallsPerMosaic: throughput.at(-1)?.storeCallsPerMosaic ?? 0,
    reindex,
    withdraw: withdrawn,
  };
}
