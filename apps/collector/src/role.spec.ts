import { appSchemas, readConfig } from '@mosaicme/config';
import { collectorRole } from './role';

const environment = {
  TWITTER_CONSUMER_KEY: 'ck',
  TWITTER_CONSUMER_SECRET: 'cs',
  TWITTER_ACCESS_TOKEN: 'at',
  TWITTER_ACCESS_TOKEN_SECRET: 'ats',
  TWITTER_USERNAME: 'mosaicme',
  S3_ACCESS_KEY: 'a',
  S3_SECRET_KEY: 's',
  S3_HOST: 's3',
  MOSAIC_LISTEN_HASHTAG: 'mosaicme',
};
const roleIn = (more: Record<string, string>) =>
  collectorRole(readConfig('collector', appSchemas.collector, { ...environment, ...more }));

it.each([
  ['gathers raw photos without MOSAIC_QUEUE', {}, 'raw photos', 'mosaic-raw'],
  ['takes requests with it', { MOSAIC_QUEUE: 'mosaic-in' }, 'requests', 'mosaic-in'],
  ['prefers MOSAIC_BUCKET', { MOSAIC_BUCKET: 'abc', BUCKET_COLLECTOR: 'def' }, 'raw photos', 'abc'],
  ['falls back to BUCKET_COLLECTOR', { BUCKET_COLLECTOR: 'emcworld' }, 'raw photos', 'emcworld'],
  [
    'takes a queue of another name when all apps do',
    { MOSAIC_QUEUE: 'wall', QUEUE_IN: 'wall' },
    'requests',
    'mosaic-in',
  ],
])('%s', (_name, more, takes, bucket) => {
  expect(roleIn(more)).toEqual({ takes, bucket });
});

it('refuses a MOSAIC_QUEUE that nobody reads, naming the way out', () => {
  expect(() => roleIn({ MOSAIC_QUEUE: 'elsewhere' })).toThrow(/set QUEUE_IN to 'elsewhere'/);
});
