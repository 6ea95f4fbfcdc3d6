import { startSimulator, type Simulator } from '@mosaicme/social-simulator';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standaloneEnvironment } from './environment';
import { plasma } from './pictures';
import { eventually, startApp, type AppProcess } from './processes';

jest.setTimeout(120_000);

interface Listing {
  readonly size: number;
  readonly mosaics: readonly { readonly id: string; readonly date: string }[];
}

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly app: AppProcess; readonly url: string }> {
  const app = startApp('standalone', {
    ...standaloneEnvironment(simulator, folder),
    ...environment,
  });
  const gallery = await app.line((line) => line.msg === 'the gallery is open');
  return { app, url: String(gallery['url']) };
}

const listing = async (url: string): Promise<Listing> => {
  const response = await fetch(`${url}/mosaic/`, { headers: { accept: 'application/json' } });
  return (await response.json()) as Listing;
};

const untilListed = (url: string, size: number) =>
  eventually(`${size} mosaics are listed`, async () => {
    const list = await listing(url);
    if (list.size !== size) throw new Error(`${list.size} are listed`);
    return list;
  });

async function request(seed: number): Promise<void> {
  await simulator.post({
    handle: `guest${seed}`,
    text: '@mosaicme #mosaicme',
    photos: [await plasma(seed, 200)],
  });
}

it('keeps everything through a kill, and finishes what was in flight', async () => {
  const first = await start();
  for (let seed = 0; seed < 80; seed++) {
    await simulator.post({ handle: 'ada', text: '#Cloud', photos: [await plasma(seed)] });
  }
  await request(900);
  const before = await untilListed(first.url, 1);

  await request(901);
  await request(902);
  await first.app.line(
    (line) => line.msg === 'photo ingested' && line['correlationId'] !== undefined,
  );
  await first.app.stop('SIGKILL');

  const second = await start();
  const after = await untilListed(second.url, 3);
  expect(after.mosaics.at(-1)).toMatchObject({
    id: before.mosaics[0]!.id,
    date: before.mosaics[0]!.date,
  });
  await eventually('each post is answered', async () => {
    if (simulator.answers().length !== 3) throw new Error(`${simulator.answers().length} answers`);
  });
  expect([await second.app.stop(), second.app.errors()]).toEqual([0, '']);
});

it('stops at once, though a message waits for its next attempt', async () => {
  const { app } = await start({ RETRY_PAUSES_MS: '600000' });
  simulator.faults.failNext('media', 503, 10);
  await request(903);
  await app.line((line) => String(line.msg).startsWith('not handled'));
  expect([await app.stop(), app.errors()]).toEqual([0, '']);
});
