import { startSimulator, type Simulator } from '@mosaicme/social-simulator';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

async function start(): Promise<{ readonly app: AppProcess; readonly url: string }> {
  const { credentials, host, port, url } = simulator;
  const app = startApp('standalone', {
    TWITTER_CONSUMER_KEY: credentials.consumerKey,
    TWITTER_CONSUMER_SECRET: credentials.consumerSecret,
    TWITTER_ACCESS_TOKEN: credentials.accessToken,
    TWITTER_ACCESS_TOKEN_SECRET: credentials.accessTokenSecret,
    TWITTER_USERNAME: 'mosaicme',
    TWITTER_API_HOST: host,
    TWITTER_API_PORT: String(port),
    TWITTER_SEARCH_SECONDS: '1',
    MEDIA_ALLOWED_ORIGINS: new URL(url).origin,
    MOSAIC_LISTEN_HASHTAG: 'mosaicme',
    MOSAIC_RAW_HASHTAG: 'Cloud',
    MOSAIC_DATA_FOLDER: folder,
    MOSAIC_CELLS: '20',
    MOSAIC_TILE_SIZE: '32',
    MOSAIC_REPEAT_DISTANCE: '2',
    MOSAIC_MIN_TILES: '60',
    TILES_PACK_WAIT_MS: '300',
    WEB_HOST: '127.0.0.1',
    WEB_PORT: '0',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: '0',
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

it('keeps everything through a kill, and finishes what was under way', async () => {
  const first = await start();
  for (let seed = 0; seed < 80; seed++) {
    await simulator.post({ handle: 'ada', text: '#Cloud', photos: [await plasma(seed)] });
  }
  await request(900);
  const before = await untilListed(first.url, 1);

  await request(901);
  await request(902);
  await first.app.line((line) => line.msg === 'photo taken' && line['correlationId'] !== undefined);
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
