import { demoCredentials } from '@mosaicme/social-simulator';
import type { TestServers } from '@mosaicme/test-servers';
import { randomBytes } from 'node:crypto';

/** The apps' variables for the test servers, with names of their own, so that runs do not meet. */
export function environmentFor(
  servers: Pick<TestServers, 'amqpUrl' | 's3Url' | 'redisUrl'>,
  simulatorUrl: string,
): Record<string, string> {
  const run = randomBytes(4).toString('hex');
  const amqp = new URL(servers.amqpUrl);
  const s3 = new URL(servers.s3Url);
  const redis = new URL(servers.redisUrl);
  const simulator = new URL(simulatorUrl);
  const name = (what: string) => `faults-${run}-${what}`;
  return {
    TWITTER_CONSUMER_KEY: demoCredentials.consumerKey,
    TWITTER_CONSUMER_SECRET: demoCredentials.consumerSecret,
    TWITTER_ACCESS_TOKEN: demoCredentials.accessToken,
    TWITTER_ACCESS_TOKEN_SECRET: demoCredentials.accessTokenSecret,
    TWITTER_USERNAME: 'mosaicme',
    TWITTER_API_HOST: simulator.hostname,
    TWITTER_API_PORT: simulator.port,
    MEDIA_ALLOWED_ORIGINS: simulator.origin,
    S3_ACCESS_KEY: decodeURIComponent(s3.username),
    S3_SECRET_KEY: decodeURIComponent(s3.password),
    S3_HOST: s3.hostname,
    S3_PORT: s3.port,
    S3_HTTPS: 'false',
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
    QUEUE_RAW: name('raw'),
    QUEUE_IN: name('in'),
    QUEUE_ENGINE: name('eng'),
    QUEUE_FINISH: name('finish'),
    QUEUE_DONE: name('done'),
    REDIS_HOST: redis.hostname,
    REDIS_PORT: redis.port || '6379',
    REDIS_DB: redis.pathname.slice(1) || '0',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: '0',
  };
}
