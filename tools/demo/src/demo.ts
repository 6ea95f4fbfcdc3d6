import { objectKeys, prefixes, type PublishedMosaic } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import { answerRecordSchema, failureRecordSchema, mosaicRecordSchema } from '@mosaicme/requests';
import { createLogger, silentLogger, version } from '@mosaicme/service';
import { simulatorVariables, startSimulator, type Simulator } from '@mosaicme/social-simulator';
import {
  readStandaloneConfig,
  startStandalone,
  type RunningStandalone,
  type StandaloneConfig,
} from '@mosaicme/standalone';
import { openTileLibrary } from '@mosaicme/tile-library';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePortFrom } from './free-port';
import { readDemoOptions, usage, type DemoOptions } from './options';
import { handleOf, readDemoPhotos, type DemoPhoto } from './photos';
import { createProgress, type Progress } from './progress';

/** What `--json` prints. */
export interface DemoResult {
  readonly requested: number;
  readonly published: number;
  readonly answered: number;
  readonly tiles: number;
  readonly seconds: number;
  readonly gallery: string;
  /** The finished mosaics, relative to the repository. */
  readonly outputs: readonly string[];
}

const tags = { raw: 'Cloud', requests: 'mosaicme' } as const;
const bot = 'mosaicme';
const pollMs = 100;

/** Runs the demo. @returns the exit code. */
export async function runDemo(input: {
  readonly parameters: readonly string[];
  readonly root: string;
  readonly assetsFolder: string;
}): Promise<number> {
  let options: DemoOptions;
  try {
    options = readDemoOptions(input.parameters);
  } catch (error) {
    console.error(`${messageOf(error)}\n${usage}`);
    return 2;
  }
  const progress = createProgress();
  const dataFolder = join(input.root, '.mosaicme/demo');
  await rm(dataFolder, { recursive: true, force: true });
  await mkdir(dataFolder, { recursive: true });

  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  const signals = options.once
    ? AbortSignal.any([stopped.signal, AbortSignal.timeout(options.timeoutSeconds * 1_000)])
    : stopped.signal;

  const simulator = await startSimulator({
    port: await freePortFrom(options.simulatorPort, '127.0.0.1'),
    pageDir: join(input.root, 'tools/social-simulator/src/page'),
    botHandle: bot,
  });
  const config = readStandaloneConfig(
    demoEnvironment(simulator, dataFolder, await freePortFrom(options.port, '0.0.0.0')),
  );
  const standalone = await startStandalone(config, {
    assetsFolder: input.assetsFolder,
    logger: createLogger({
      version,
      level: 'info',
      destination: createWriteStream(join(dataFolder, 'log.jsonl')),
    }),
  });
  try {
    const run: DemoRun = {
      ...input,
      dataFolder,
      simulator,
      standalone,
      config,
      progress,
      signal: signals,
    };
    const result = await gatherAndRequest(run);
    progress.say(
      `${result.published} mosaics in ${result.seconds} s: ${result.gallery} (the files: ${relative(input.root, picturesFolder(run))})`,
    );
    if (!options.once) await keepOn(run, stopped.signal);
    if (options.json) console.log(JSON.stringify(result));
    return 0;
  } catch (error) {
    if (stopped.signal.aborted) return 130;
    progress.say(
      signals.aborted
        ? `Not done within ${options.timeoutSeconds} s; see ${join(dataFolder, 'log.jsonl')}.`
        : messageOf(error),
    );
    return 1;
  } finally {
    await standalone.close();
    await simulator.close();
  }
}

interface DemoRun {
  readonly root: string;
  readonly dataFolder: string;
  readonly simulator: Simulator;
  readonly standalone: RunningStandalone;
  readonly config: StandaloneConfig;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The variables that an operator would set; the address of X is the simulator's. */
function demoEnvironment(
  simulator: Simulator,
  dataFolder: string,
  webPort: number,
): Record<string, string> {
  return {
    ...simulatorVariables(simulator),
    TWITTER_SEARCH_SECONDS: '1',
    MOSAIC_LISTEN_HASHTAG: tags.requests,
    MOSAIC_RAW_HASHTAG: tags.raw,
    MOSAIC_DATA_FOLDER: dataFolder,
    MOSAIC_MIRROR: 'true',
    MOSAIC_WEB_URL: `http://localhost:${webPort}`,
    WEB_PORT: String(webPort),
    WEB_REQUEST_HASHTAG: tags.requests,
    WEB_BOT_HANDLE: bot,
    HEARTBEAT_SECONDS: '2',
  };
}

async function gatherAndRequest(run: DemoRun): Promise<DemoResult> {
  const { root, simulator, standalone, progress } = run;
  const startedAt = performance.now();
  progress.say(`Gallery:           ${standalone.galleryUrl}`);
  progress.say(`Simulated network: ${simulator.url}`);
  const photosFolder = join(root, 'tools/demo-photos');
  const tiles = await gatherTiles(run, await readDemoPhotos(photosFolder, 'library'));
  const mosaics = await makeRequests(run, await readDemoPhotos(photosFolder, 'requests'));
  return {
    requested: mosaics.length,
    published: mosaics.length,
    answered: simulator.answers().length,
    tiles,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    gallery: standalone.galleryUrl,
    outputs: await exportPictures(run, mosaics),
  };
}

/** Posts the library's photos and waits until each is a tile or was set aside. */
async function gatherTiles(run: DemoRun, photos: readonly DemoPhoto[]): Promise<number> {
  const { simulator, standalone, config, progress } = run;
  const { buckets } = config.engine;
  for (const { path, author } of photos) {
    await simulator.post({
      handle: handleOf(author),
      name: author,
      text: `A photo by ${author} #${tags.raw}`,
      photos: [path],
    });
  }
  const library = await openTileLibrary({
    store: standalone.store,
    bucket: buckets.tiles,
    memoryBudgetBytes: 0,
    logger: silentLogger,
  });
  for (;;) {
    await library.refresh();
    const gathered = library.size + (await countAside(run));
    progress.count('photos gathered', gathered, photos.length);
    if (gathered >= photos.length) break;
    await pause(run);
  }
  await library.close();
  return library.size;
}

async function countAside({ standalone, config }: DemoRun): Promise<number> {
  let count = 0;
  for await (const _object of standalone.store.list(config.engine.buckets.in, {
    prefix: prefixes.failures,
  })) {
    count++;
  }
  return count;
}

/** Posts the requests and waits until each is published and its answer settled. */
async function makeRequests(
  run: DemoRun,
  photos: readonly DemoPhoto[],
): Promise<PublishedMosaic[]> {
  const { simulator, standalone, config, progress } = run;
  const keys = objectKeys(config.engine.buckets);
  const { store } = standalone;
  const before = new Set<string>();
  for (const { path, author, name } of photos) {
    await simulator.post({
      handle: handleOf(author),
      name: author,
      text: `@${bot} please make this ${name.replaceAll('-', ' ')} a mosaic #${tags.requests}`,
      photos: [path],
    });
  }
  for (;;) {
    const done: PublishedMosaic[] = [];
    for await (const { key } of store.list(config.engine.buckets.outSmall, {
      prefix: prefixes.answers,
    })) {
      const id = key.slice(prefixes.answers.length, -'.json'.length);
      const mosaic = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
      const answer = await readRecord(store, keys.answerRecord(id), answerRecordSchema);
      if (answer && answer.record.answer.status !== 'answered') {
        throw new Error(`A post was not answered: ${JSON.stringify(answer.record.answer)}`);
      }
      if (mosaic) done.push(mosaic.record);
    }
    await throwOnFailure(run, before);
    progress.count('mosaics published and answered', done.length, photos.length);
    if (done.length >= photos.length) return done;
    await pause(run);
  }
}

async function throwOnFailure({ standalone, config }: DemoRun, seen: Set<string>): Promise<void> {
  const { store } = standalone;
  const { buckets } = config.engine;
  for await (const ref of store.list(buckets.in, { prefix: prefixes.failures })) {
    if (seen.has(ref.key)) continue;
    seen.add(ref.key);
    const failure = await readRecord(store, ref, failureRecordSchema);
    if (failure && failure.record.code !== 'tile.near-duplicate') {
      throw new Error(`A photo failed for good: ${failure.record.reason}`);
    }
  }
}

const picturesFolder = ({ dataFolder }: Pick<DemoRun, 'dataFolder'>) =>
  join(dataFolder, 'pictures');

/** Copies the finished mosaics out of the store, named by their authors. */
async function exportPictures(
  run: DemoRun,
  mosaics: readonly PublishedMosaic[],
): Promise<string[]> {
  const folder = picturesFolder(run);
  await mkdir(folder, { recursive: true });
  return Promise.all(
    mosaics.map(async ({ id, picture, photo }) => {
      const file = join(folder, `${photo.author.handle}-${id.slice(0, 8)}.jpg`);
      await writeFile(file, (await run.standalone.store.get(picture)).bytes);
      return relative(run.root, file);
    }),
  );
}

async function keepOn({ progress, simulator }: DemoRun, signal: AbortSignal): Promise<void> {
  progress.say(
    `Post a photo yourself on ${simulator.url} with “@${bot} #${tags.requests}”. Ctrl-C ends the demo.`,
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function pause({ signal, standalone }: DemoRun): Promise<void> {
  const failure = standalone.failed.then((reason) => {
    throw reason;
  });
  await Promise.race([sleep(pollMs, undefined, { signal }), failure]);
}
