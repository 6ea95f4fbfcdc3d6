import { defaultCampaign, photoId, requestId } from '@mosaicme/contracts';
import { photoKinds, type PhotoKind } from '@mosaicme/imaging/testing';
import { startSimulator, type Simulator } from '@mosaicme/social-simulator';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type JpegOptions } from 'sharp';
import { standaloneEnvironment } from './environment';
import { inputsDocument, type InputRow } from './inputs-document';
import { plasma } from './pictures';
import { eventually, startApp, type AppProcess } from './processes';

jest.setTimeout(600_000);

const phonePhoto = (options: JpegOptions) =>
  sharp({
    create: { width: 16_320, height: 12_240, channels: 3, background: '#446688' },
    limitInputPixels: false,
  })
    .jpeg(options)
    .toBuffer();

const kinds: readonly PhotoKind[] = [
  ...photoKinds,
  { name: 'JPEG of 200 megapixels (phone)', file: 'large.jpg', make: () => phonePhoto({}) },
  {
    name: 'progressive JPEG of 200 megapixels',
    file: 'large-progressive.jpg',
    make: () => phonePhoto({ progressive: true }),
    refused: 'image.too-many-pixels',
  },
];

const root = join(__dirname, '../../..');
const document = join(root, 'docs/inputs.md');

let folder: string;
let simulator: Simulator;
let app: AppProcess;
let gallery: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-inputs-'));
  for (const name of ['few', 'all', 'data']) await mkdir(join(folder, name));
  for (let seed = 0; seed < 8; seed++) {
    await writeFile(join(folder, 'few', `${seed}.jpg`), await plasma(seed));
  }
  for (const { file, make } of kinds) await writeFile(join(folder, 'all', file), await make());
  simulator = await startSimulator();
  app = startApp('standalone', {
    ...standaloneEnvironment(simulator, join(folder, 'data')),
    MOSAIC_PHOTOS_FOLDER: join(folder, 'few'),
    MOSAIC_CELLS: '4',
    MOSAIC_TILE_SIZE: '16',
    MOSAIC_REPEAT_DISTANCE: '1',
    MOSAIC_MIN_TILES: '8',
  });
  gallery = String((await app.line((line) => line.msg === 'the gallery is open'))['url']);
});
afterAll(async () => {
  await app.stop();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

const mosaicme = (...words: string[]) =>
  new Promise<Said>((resolve) => {
    const main = join(root, 'dist/apps/cli/main.js');
    execFile(process.execPath, [main, ...words], { cwd: folder }, (error, out, errors) => {
      resolve({ code: error ? 1 : 0, out, errors });
    });
  });

/** What becomes of each file as the photo to rebuild. */
async function byMake(file: string): Promise<string> {
  const options = ['--library', 'few', '--cells', '4', '--tile', '16', '--distance', '1'];
  const { code, errors } = await mosaicme('make', `all/${file}`, ...options, '--out', 'made.jpg');
  return code === 0 ? 'used' : errors.trim().split('\n').at(-1)!;
}

/** What becomes of each file of a folder. */
async function byIndex(): Promise<(file: string) => string> {
  const { out } = await mosaicme('index', 'all', '--near-duplicates', '0', '--json');
  const { skipped } = JSON.parse(out) as {
    skipped: readonly { file: string; reason: string }[];
  };
  const reasons = new Map(skipped.map(({ file, reason }) => [file, reason]));
  return (file) => reasons.get(file) ?? 'used';
}

/** What becomes of a photo that somebody posts: published, or the reason of its failure. */
async function byPost(name: string, bytes: Uint8Array): Promise<string> {
  const { id: postId } = await simulator.post({
    handle: 'guest',
    text: `@mosaicme #mosaicme ${name}`,
    photos: [bytes],
  });
  const source = { network: 'x', instance: 'x.com', postId, mediaIndex: 0 } as const;
  const id = requestId(defaultCampaign, photoId(source));
  return eventually(
    `${name} is published or failed`,
    async () => {
      const response = await fetch(`${gallery}/api/requests/${id}`);
      const { state, reason } = (await response.json()) as { state?: string; reason?: string };
      if (state === 'failed' && reason !== undefined) return reason;
      if (state !== 'published') throw new Error(`its state is ${state}`);
      return 'used';
    },
    300_000,
  );
}

it('tries every kind of input in every way in; docs/inputs.md tells what happened', async () => {
  const index = await byIndex();
  const posts = kinds.map(async ({ name, make }) => byPost(name, await make()));
  const rows: InputRow[] = [];
  for (const [number, { name, file }] of kinds.entries()) {
    rows.push({
      name,
      file,
      make: await byMake(file),
      index: index(file),
      pipeline: await posts[number]!,
    });
  }
  for (const [number, { refused, trustedOnly }] of kinds.entries()) {
    const { make, index: indexed, pipeline } = rows[number]!;
    const usedAtHome = refused === undefined || trustedOnly === true;
    expect([make === 'used', indexed === 'used', pipeline === 'used']).toEqual([
      usedAtHome,
      usedAtHome,
      refused === undefined,
    ]);
  }
  const text = inputsDocument(rows);
  if (process.env['UPDATE_DOCUMENTS']) await writeFile(document, text);
  expect(await readFile(document, 'utf8')).toBe(text);
});
