import { appSchemas, readConfig, type CacherConfig } from '@mosaicme/config';
import { objectKeys, type ObjectKeys } from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import { connectMessaging, connectStore } from '@mosaicme/pipeline';
import { silentLogger } from '@mosaicme/service';
import { simulatorVariables, startSimulator, type Simulator } from '@mosaicme/social-simulator';
import { requireTestServer } from '@mosaicme/test-servers';
import { Redis } from 'ioredis';
import { guideEnvironment } from './environment';
import { startApp, type AppProcess } from './processes';

/** Every app as a process of its own, on the real test servers, with a simulated X. */
export interface Stack {
  readonly environment: Readonly<Record<string, string>>;
  readonly simulator: Simulator;
  readonly apps: ReadonlyMap<string, AppProcess>;
  readonly store: ObjectStore;
  readonly messaging: Messaging;
  readonly config: CacherConfig;
  readonly keys: ObjectKeys;
  /** Address of the gallery. */
  readonly galleryUrl: string;
  close(): Promise<void>;
}

export const hashtags = { raw: 'Cloud', requests: 'mosaicme' } as const;

/** Starts the stack; small mosaics, so that a test takes seconds. */
export async function startStack(): Promise<Stack> {
  await forgetCatalogue();
  const simulator = await startSimulator();
  const named = guideEnvironment();
  const environment = {
    ...named,
    ...simulatorVariables(simulator),
    MOSAIC_CELLS: '20',
    MOSAIC_TILE_SIZE: '32',
    MOSAIC_REPEAT_DISTANCE: '2',
    MOSAIC_MIN_TILES: '60',
    IMAGE_MAX_PIXELS: '1000000',
    MEDIA_MAX_BYTES: '500000',
    TILES_PACK_WAIT_MS: '300',
  };
  const apps = new Map<string, AppProcess>();
  const start = (name: string, app: string, more: Readonly<Record<string, string>> = {}) =>
    apps.set(name, startApp(app, { ...environment, ...more }));

  start('collector-raw', 'collector', {
    MOSAIC_BUCKET: named.BUCKET_RAW,
    MOSAIC_LISTEN_HASHTAG: hashtags.raw,
    TWITTER_MODE: 'search',
    TWITTER_SEARCH_SECONDS: '1',
  });
  start('collector-in', 'collector', {
    MOSAIC_QUEUE: named.QUEUE_IN,
    MOSAIC_BUCKET: named.BUCKET_IN,
    MOSAIC_LISTEN_HASHTAG: hashtags.requests,
  });
  for (const app of ['sync-downloader', 'engine', 'sync-uploader', 'cacher', 'janitor'])
    start(app, app);
  start('web', 'web', { WEB_HOST: '127.0.0.1', WEB_PORT: '0' });

  const config = readConfig('cacher', appSchemas.cacher, environment);
  const store = connectStore(config);
  const messaging = connectMessaging(config, silentLogger, 'end-to-end tests');
  await messaging.ready();
  const gallery = await apps.get('web')!.line((line) => line.msg === 'the gallery is open');

  return {
    environment,
    simulator,
    apps,
    store,
    messaging,
    config,
    keys: objectKeys(config.buckets),
    galleryUrl: String(gallery['url']),
    async close() {
      await Promise.all([...apps.values()].map((app) => app.stop('SIGKILL')));
      await messaging.close();
      await store.close();
      await simulator.close();
    },
  };
}

/** Buckets and queues have names of their own in each stack, but the catalogue of all lies in one Redis. */
async function forgetCatalogue(): Promise<void> {
  const redis = new Redis(requireTestServer('redis'));
  await redis.flushdb();
  redis.disconnect();
}
