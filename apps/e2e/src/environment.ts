import { demoCredentials, type Simulator } from '@mosaicme/social-simulator';
import { requireTestServer } from '@mosaicme/test-servers';
import { randomBytes } from 'node:crypto';

/**
 * The guide's `.env` for the test servers, with names of its own, so that nothing of another run is in
 * the way.
 */
export function guideEnvironment(run = randomBytes(4).toString('hex')) {
  const amqp = new URL(requireTestServer('amqp'));
  const s3 = new URL(requireTestServer('s3'));
  const redis = new URL(requireTestServer('redis'));
  const name = (what: string) => `e2e-${run}-${what}`;
  return {
    TWITTER_CONSUMER_KEY: demoCredentials.consumerKey,
    TWITTER_CONSUMER_SECRET: demoCredentials.consumerSecret,
    TWITTER_ACCESS_TOKEN: demoCredentials.accessToken,
    TWITTER_ACCESS_TOKEN_SECRET: demoCredentials.accessTokenSecret,
    TWITTER_USERNAME: 'mosaicme',
    S3_ACCESS_KEY: decodeURIComponent(s3.username),
    S3_SECRET_KEY: decodeURIComponent(s3.password),
    S3_HOST: s3.hostname,
    S3_PORT: s3.port,
    S3_HTTPS: 'False',
    BUCKET_COLLECTOR: name('collector'),
    BUCKET_IN: name('in'),
    BUCKET_RAW: name('raw'),
    BUCKET_TILES: name('tiles'),
    BUCKET_WORK: name('work'),
    BUCKET_OUT_LARGE: name('outlarge'),
    BUCKET_OUT_SMALL: name('outsmall'),
    RABBITMQ_HOST: amqp.hostname,
    RABBITMQ_PORT: amqp.port || '5672',
    RABBITMQ_USER: decodeURIComponent(amqp.username || 'guest'),
    RABBITMQ_PASSWORD: decodeURIComponent(amqp.password || 'guest'),
    RABBITMQ_EXCHANGE: name('events'),
    REDIS_HOST: redis.hostname,
    REDIS_PORT: redis.port || '6379',
    REDIS_DB: redis.pathname.slice(1) || '0',
    QUEUE_RAW: name('raw'),
    QUEUE_IN: name('in'),
    QUEUE_ENGINE: name('eng'),
    QUEUE_FINISH: name('finish'),
    QUEUE_DONE: name('done'),
    RETRY_PAUSES_MS: '100,200',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: '0',
    HEARTBEAT_SECONDS: '1',
  } satisfies Record<string, string>;
}

/** The all-in-one program with its data in a folder, following a simulated X; small mosaics. */
export function standaloneEnvironment(simulator: Simulator, folder: string) {
  const { credentials, host, port, url } = simulator;
  return {
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
  } satisfies Record<string, string>;
}
