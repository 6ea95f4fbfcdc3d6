import {
  credentialVariables,
  demoCredentials,
  simulatorVariables,
  type Simulator,
} from '@mosaicme/social-simulator';
import { appVariables, requireTestServer } from '@mosaicme/test-servers';

/** The guide's `.env` for the test servers. */
export function guideEnvironment() {
  const urls = {
    amqpUrl: requireTestServer('amqp'),
    s3Url: requireTestServer('s3'),
    redisUrl: requireTestServer('redis'),
  };
  return {
    ...appVariables(urls, 'e2e'),
    ...credentialVariables(demoCredentials),
    TWITTER_USERNAME: 'mosaicme',
    RETRY_PAUSES_MS: '100,200',
    HEARTBEAT_SECONDS: '1',
  };
}

/** The all-in-one program with its data in a folder, following a simulated X; small mosaics. */
export function standaloneEnvironment(simulator: Simulator, folder: string) {
  return {
    ...simulatorVariables(simulator),
    TWITTER_SEARCH_SECONDS: '1',
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
  } satisfies Record<string, string>;
}
