import { randomBytes } from 'node:crypto';

/**
 * The variables by which an app finds the servers, with buckets, exchange and queues of its own, so that
 * runs do not meet. Each call makes new names.
 *
 * @param purpose The first part of each name.
 */
export function appVariables(
  urls: { readonly amqpUrl: string; readonly s3Url: string; readonly redisUrl: string },
  purpose: string,
) {
  const amqp = new URL(urls.amqpUrl);
  const s3 = new URL(urls.s3Url);
  const redis = new URL(urls.redisUrl);
  const run = randomBytes(4).toString('hex');
  const name = (what: string) => `${purpose}-${run}-${what}`;
  return {
    S3_ACCESS_KEY: decodeURIComponent(s3.username),
    S3_SECRET_KEY: decodeURIComponent(s3.password),
    S3_HOST: s3.hostname,
    S3_PORT: s3.port,
    // As the deployment guide spells it.
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
    QUEUE_RAW: name('raw'),
    QUEUE_IN: name('in'),
    QUEUE_ENGINE: name('eng'),
    QUEUE_FINISH: name('finish'),
    QUEUE_ANSWER: name('answer'),
    QUEUE_JANITOR: name('janitor'),
    QUEUE_DONE: name('done'),
    REDIS_HOST: redis.hostname,
    REDIS_PORT: redis.port || '6379',
    REDIS_DB: redis.pathname.slice(1) || '0',
    HEALTH_HOST: '127.0.0.1',
    HEALTH_PORT: '0',
  } satisfies Record<string, string>;
}
