import { startTestServers } from '@mosaicme/test-servers';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexBucket } from './index-bucket';
import { median } from './jobs/measure';
import type { PhotosWork } from './jobs/rebuild-photos';
import { cutPhotos, cutTarget, drawFlatTarget } from './material';
import { hasMetapixel, makeMetapixel, metapixelUses, prepareMetapixel } from './metapixel';
import { readBenchOptions, usage, type BenchOptions, type RunName } from './options';
import { pictureQuality } from './picture-quality';
import { runJob, runProgram } from './process';
import {
  noQuality,
  noUses,
  qualityFigures,
  reportTable,
  type Looks,
  type Report,
  type Run,
  type ScaleRow,
} from './report';

const defaultTiles = 2_048;
const defaultTarget = 'red-panda.jpg';
/** What `make` and the engine do unless told otherwise (MOSAIC_CELLS, MOSAIC_TILE_SIZE). */
const productDefault = { cells: 72, tile: 64 } as const;
/** Levels of colour shift that are the default of the engine. */
const defaultShift = 24;

export interface BenchSetup {
  readonly parameters: readonly string[];
  /** Folder of the repository. */
  readonly root: string;
  /** The script that serves jobs with `--job`. */
  readonly self: string;
  /** @returns the file of the command line `mosaicme`. */
  readonly bundleCli: () => Promise<string>;
}

/** Where the material of a benchmark lies. */
interface Places {
  readonly work: string;
  readonly photos: string;
  readonly target: string;
  readonly index: string;
  readonly metapixel: string;
  readonly out: (name: string) => string;
}

/** Runs the benchmark: prints a table, writes JSON when asked. @returns the exit code. */
export async function runBench(setup: BenchSetup): Promise<number> {
  const options = readBenchOptions(setup.parameters);
  if (!options) {
    console.log(usage);
    return 0;
  }
  const work = options.work ?? (await mkdtemp(join(tmpdir(), 'mosaicme-bench-')));
  try {
    const report = await measureAll(setup, options, await prepare(setup.root, work, options));
    console.log(reportTable(report));
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    return 0;
  } finally {
    if (options.work === undefined) await rm(work, { recursive: true, force: true });
  }
}

async function prepare(root: string, work: string, options: BenchOptions): Promise<Places> {
  const demo = join(root, 'tools/demo-photos');
  const places: Places = {
    work,
    photos: options.library ?? join(work, 'photos'),
    target: join(work, 'target.jpg'),
    index: join(work, 'index'),
    metapixel: join(work, 'metapixel'),
    out: (name) => join(work, `${name}.jpg`),
  };
  await mkdir(work, { recursive: true });
  if (options.library === undefined && (await countOf(places.photos)) < defaultTiles) {
    say(`cutting ${defaultTiles} photos`);
    await cutPhotos(join(demo, 'library'), places.photos, defaultTiles);
  }
  await cutTarget(options.target ?? join(demo, 'requests', defaultTarget), places.target, options);
  return places;
}

async function measureAll(
  setup: BenchSetup,
  options: BenchOptions,
  places: Places,
): Promise<Report> {
  const { self } = setup;
  const { columns, rows, tile, times } = options;
  const runs: Run[] = [];
  const scale: ScaleRow[] = [];
  const looks: { -readonly [Name in keyof Looks]: Looks[Name] } = {};
  const needs = await createNeeds(setup, options, places);
  const withPeer = hasMetapixel();
  if (!withPeer) say('metapixel is not installed: its runs are left out');

  const quality = async (name: string) => ({
    ...qualityFigures(
      await pictureQuality({ picture: places.out(name), target: places.target }, options),
    ),
    bytes: (await stat(places.out(name))).size,
  });
  const indexRun = (
    name: string,
    programRuns: readonly { seconds: number; peakMemoryMB: number | undefined }[],
  ) =>
    runs.push({
      name,
      seconds: median(programRuns.map(({ seconds }) => seconds)),
      peakMemoryMB: Math.max(...programRuns.map(({ peakMemoryMB = NaN }) => peakMemoryMB)),
      cpuSeconds: null,
      ...noQuality,
      ...noUses,
      bytes: null,
    });
  const mosaicme = async (name: string, mirror: boolean, shift: number) => {
    await needs.index();
    const { seconds, peakMemoryMB, figures } = await runJob(self, {
      name: 'make-mosaics',
      input: { ...places, columns, rows, tile, mirror, shift, times, out: places.out(name) },
    });
    runs.push({
      name,
      seconds: median(seconds),
      peakMemoryMB: peakMemoryMB ?? null,
      ...(await quality(name)),
      cpuSeconds: figures['cpuSeconds'] ?? null,
      distinctTiles: figures['distinctTiles'] ?? null,
      maxUses: figures['maxUses'] ?? null,
      minDistance: figures['minDistance'] ?? null,
    });
  };
  const metapixel = async (name: string, cheat: number) => {
    await needs.metapixel();
    const protocol = join(places.work, `${name}.protocol`);
    const work = { library: places.metapixel, target: places.target, tile, out: places.out(name) };
    const done = await repeated(times, (time) =>
      makeMetapixel(work, cheat, time === 0 ? protocol : undefined),
    );
    runs.push({
      name,
      seconds: median(done.map(({ seconds }) => seconds)),
      peakMemoryMB: Math.max(...done.map(({ peakMemoryMB = NaN }) => peakMemoryMB)),
      ...(await quality(name)),
      cpuSeconds: null,
      ...(await metapixelUses(protocol)),
    });
  };

  const measures: Readonly<Record<RunName, () => Promise<unknown>>> = {
    'index-mosaicme': async () =>
      indexRun('index-mosaicme', await repeated(times, () => needs.buildIndex())),
    'index-metapixel': async () => {
      if (withPeer) {
        indexRun('index-metapixel', await repeated(times, () => needs.buildMetapixel()));
      }
    },
    mosaicme: () => mosaicme('mosaicme', false, 0),
    'mosaicme-mirror': () => mosaicme('mosaicme-mirror', true, 0),
    'mosaicme-shift': () => mosaicme('mosaicme-shift', false, defaultShift),
    'metapixel-0': async () => withPeer && (await metapixel('metapixel-0', 0)),
    'metapixel-30': async () => withPeer && (await metapixel('metapixel-30', 30)),
    'sharp-encode': async () => {
      await needs.picture();
      const { seconds, peakMemoryMB, figures } = await runJob(self, {
        name: 'encode-pixels',
        input: { picture: places.out('mosaicme'), times, out: places.out('sharp-encode') },
      });
      runs.push({
        name: 'sharp-encode',
        seconds: median(seconds),
        peakMemoryMB: peakMemoryMB ?? null,
        cpuSeconds: figures['cpuSeconds'] ?? null,
        ...(await quality('sharp-encode')),
        ...noUses,
      });
    },
    flat: async () => {
      const index = await needs.demoIndex();
      const target = join(places.work, 'flat.jpg');
      await drawFlatTarget(target);
      const { figures } = await rebuild({ index, photos: [target], cells: 48, tile: 64 }, 1);
      looks.flat = { repetition: figures['repetition'] ?? NaN };
    },
    adaptive: async () => {
      await needs.index();
      const grid = { index: places.index, photos: await requests(), cells: 64, tile: 64 } as const;
      const equal = (await rebuild(grid, times)).figures;
      const own = { ...grid, adaptive: true, withEncoding: true };
      const several = (await rebuild(own, times)).figures;
      looks.adaptive = {
        cells: several['cells'] ?? NaN,
        uniform: nearness(equal),
        adaptive: nearness(several),
        areaOfLargeCells: several['areaOfLargeCells'] ?? NaN,
        secondsAgainstEncode: (several['makeSeconds'] ?? NaN) / (several['encodeSeconds'] ?? NaN),
        seconds: several['makeSeconds'] ?? NaN,
        uniformSeconds: equal['makeSeconds'] ?? NaN,
        bytes: several['bytes'] ?? NaN,
        uniformBytes: equal['bytes'] ?? NaN,
      };
    },
    default: async () => {
      await needs.index();
      const { figures } = await rebuild(
        { index: places.index, photos: await requests(), ...productDefault, adaptive: true },
        times,
      );
      looks.default = {
        ...nearness(figures),
        cells: figures['cells'] ?? NaN,
        areaOfLargeCells: figures['areaOfLargeCells'] ?? NaN,
        repetition: figures['repetition'] ?? NaN,
        seconds: figures['makeSeconds'] ?? NaN,
        bytes: figures['bytes'] ?? NaN,
      };
    },
    'scale-tiles': async () => {
      const { photos, target } = places;
      const input = { photos, target, columns, rows, times };
      await scaleRow('scale-tiles', {
        name: 'match-many',
        input: { ...input, fewTiles: 2_000, manyTiles: options.manyTiles },
      });
    },
    'scale-growth': async () => {
      const folder = join(places.work, 'growth');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await scaleRow('scale-growth', {
        name: 'grow-library',
        input: {
          photos: places.photos,
          folder,
          fewTiles: 2_000,
          manyTiles: options.manyTiles,
          added: 100,
        },
      });
      await rm(folder, { recursive: true, force: true });
    },
    'scale-gigapixel': async () => {
      await needs.index();
      const servers = await startTestServers({ environment: onlyS3(process.env) });
      try {
        await scaleRow('scale-gigapixel', {
          name: 'make-gigapixel',
          input: { index: places.index, target: places.target, s3Url: servers.s3Url, times },
        });
      } finally {
        await servers.stop();
      }
    },
  };
  const requests = async () => {
    const folder = join(setup.root, 'tools/demo-photos/requests');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
    return names.map((name) => join(folder, name));
  };
  const rebuild = (
    work: Pick<PhotosWork, 'index' | 'photos' | 'cells' | 'tile'> & Partial<PhotosWork>,
    repeats: number,
  ) =>
    runJob(self, {
      name: 'rebuild-photos',
      input: { adaptive: false, withEncoding: false, ...work, times: repeats },
    });
  const scaleRow = async (name: string, job: Parameters<typeof runJob>[1]) => {
    const { seconds, peakMemoryMB, figures } = await runJob(self, job);
    scale.push({ name, seconds: median(seconds), peakMemoryMB: peakMemoryMB ?? null, figures });
  };

  for (const name of options.only) {
    await measures[name]();
    const done = [...runs, ...scale].find((line) => line.name === name);
    if (done) say(`${name}: ${done.seconds.toFixed(3)} s`);
  }
  return {
    cells: [columns, rows],
    tile,
    tiles: await countOf(places.photos),
    runs,
    scale,
    ...looks,
  };
}

const nearness = (figures: Readonly<Record<string, number>>) => ({
  psnrY512: figures['psnrY512'] ?? NaN,
  ssimY512: figures['ssimY512'] ?? NaN,
});

/** What some runs need of others, made once when it is not there. */
async function createNeeds(setup: BenchSetup, options: BenchOptions, places: Places) {
  const cli = await setup.bundleCli();
  const { tile } = options;
  // A folder that was given may hold both from an earlier run.
  let hasIndex = await exists(join(places.index, indexBucket));
  let hasPrepared = await exists(join(places.metapixel, 'tables.mxt'));
  const buildIndex = async () => {
    await rm(places.index, { recursive: true, force: true });
    const run = await runProgram(process.execPath, [
      cli,
      'index',
      places.photos,
      '--index',
      places.index,
      '--near-duplicates',
      '0',
    ]);
    hasIndex = true;
    return run;
  };
  const buildMetapixel = async () => {
    const run = await prepareMetapixel(places.photos, places.metapixel, tile);
    hasPrepared = true;
    return run;
  };
  /** An index of the demo photographs as they are. */
  const demoIndex = async () => {
    const index = join(places.work, 'demo-index');
    if (!(await exists(join(index, indexBucket)))) {
      const photos = join(setup.root, 'tools/demo-photos/library');
      await runProgram(process.execPath, [cli, 'index', photos, '--index', index]);
    }
    return index;
  };
  return {
    demoIndex,
    buildIndex,
    buildMetapixel,
    index: async () => void (hasIndex || (await buildIndex())),
    metapixel: async () => void (hasPrepared || (await buildMetapixel())),
    /** A mosaic whose pixels can be encoded. */
    picture: async () => {
      if (await exists(places.out('mosaicme'))) return;
      await (hasIndex ? undefined : buildIndex());
      const { columns, rows } = options;
      await runJob(setup.self, {
        name: 'make-mosaics',
        input: {
          ...places,
          columns,
          rows,
          tile,
          mirror: false,
          shift: 0,
          times: 1,
          out: places.out('mosaicme'),
        },
      });
    },
  };
}

async function repeated<Result>(
  times: number,
  work: (time: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let time = 0; time < times; time++) results.push(await work(time));
  return results;
}

/** Only the S3 server is needed: the others count as given, and nobody speaks to them. */
const onlyS3 = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  MOSAICME_TEST_AMQP_URL: 'amqp://127.0.0.1:1',
  MOSAICME_TEST_REDIS_URL: 'redis://127.0.0.1:1/0',
});

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function countOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).length;
}

const say = (line: string): void => console.error(line);
