import { ConfigError, readConfig, type ConfigSchema } from './define';
import { appSchemas } from './apps';

const guide = {
  TWITTER_CONSUMER_KEY: 'ck',
  TWITTER_CONSUMER_SECRET: 'cs',
  TWITTER_ACCESS_TOKEN: 'at',
  TWITTER_ACCESS_TOKEN_SECRET: 'ats',
  TWITTER_USERNAME: 'mosaicme',
  S3_ACCESS_KEY: 'ACCESS_KEY',
  S3_SECRET_KEY: 'SECRET_KEY',
  S3_HOST: 's3',
  S3_PORT: '4569',
  S3_HTTPS: 'False',
  BUCKET_COLLECTOR: 'emcworld',
  BUCKET_IN: 'mosaic-in',
  BUCKET_OUT_LARGE: 'mosaic-outlarge',
  BUCKET_OUT_SMALL: 'mosaic-outsmall',
  RABBITMQ_HOST: 'rabbit',
  RABBITMQ_PORT: '5672',
  RABBITMQ_USER: 'guest',
  RABBITMQ_PASSWORD: 'guest',
  REDIS_HOST: 'redis',
  REDIS_PORT: '6379',
  REDIS_DB: '0',
  QUEUE_IN: 'mosaic-in',
  QUEUE_ENGINE: 'mosaic-eng',
  QUEUE_FINISH: 'mosaic-finish',
  QUEUE_DONE: 'mosaic-done',
};

describe('the .env file of the guide', () => {
  it.each(['sync-downloader', 'engine', 'sync-uploader', 'cacher', 'janitor', 'web'] as const)(
    'configures %s',
    (app) => {
      const config = readConfig(app, appSchemas[app], guide);
      expect(config.s3).toMatchObject({ host: 's3', port: 4569, https: false });
      expect(config.queues.render).toBe('mosaic-eng');
    },
  );

  it('configures a collector that takes requests', () => {
    const config = readConfig('collector', appSchemas.collector, {
      ...guide,
      MOSAIC_QUEUE: 'mosaic-in',
      MOSAIC_BUCKET: 'mosaic-in',
      MOSAIC_LISTEN_HASHTAG: 'mosaicme',
    });
    expect(config.collecting).toEqual({
      queue: 'mosaic-in',
      bucket: 'mosaic-in',
      defaultBucket: 'emcworld',
      hashtags: ['mosaicme'],
    });
  });

  it('configures a collector without MOSAIC_QUEUE', () => {
    const config = readConfig('collector', appSchemas.collector, {
      ...guide,
      MOSAIC_BUCKET: 'mosaic-raw',
      MOSAIC_LISTEN_HASHTAG: 'Cloud,#Foto_2',
    });
    expect(config.collecting.queue).toBeUndefined();
    expect(config.collecting.hashtags).toEqual(['Cloud', 'Foto_2']);
  });
});

describe('a wrong environment', () => {
  const read = (overrides: Record<string, string>) => () =>
    readConfig('cacher', appSchemas.cacher, { ...guide, ...overrides });

  it('is refused with every bad or missing variable and the expected form', () => {
    let error: unknown;
    try {
      readConfig('cacher', appSchemas.cacher, { REDIS_PORT: '70000', S3_HTTPS: 'perhaps' });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems.map(({ variable }) => variable).sort()).toEqual([
      'REDIS_PORT',
      'S3_ACCESS_KEY',
      'S3_HOST',
      'S3_HTTPS',
      'S3_SECRET_KEY',
    ]);
    expect((error as ConfigError).message).toContain(
      "REDIS_PORT is '70000'; expected a port, 0 to 65535.",
    );
    expect((error as ConfigError).message).toContain('S3_HOST is not set');
  });

  it('counts an empty variable as not set', () => {
    expect(read({ S3_HOST: ' ' })).toThrow(/S3_HOST is not set/);
  });

  it.each([
    ['QUEUE_IN', 'amq.in'],
    ['BUCKET_IN', 'Upper'],
    ['REDIS_DB', '1.5'],
    ['REDIS_DB', '16'],
    ['LOG_LEVEL', 'loud'],
    ['RETRY_PAUSES_MS', '100,soon'],
    ['RABBITMQ_HOST', 'http://rabbit'],
  ])('refuses %s=%s', (name, value) => {
    expect(read({ [name]: value })).toThrow(`${name} is '${value}'`);
  });
});

it.each([
  ['True', true],
  ['1', true],
  ['off', false],
  ['FALSE', false],
])('reads the flag %s', (written, expected) => {
  const config = readConfig('cacher', appSchemas.cacher, { ...guide, S3_HTTPS: written });
  expect(config.s3.https).toBe(expected);
});

describe('the networks in use', () => {
  const servers = { S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 's', S3_HOST: 's3' };
  const collector = { ...servers, MOSAIC_LISTEN_HASHTAG: 'mosaicme' };
  const missing = (app: 'collector' | 'sync-uploader', environment: Record<string, string>) => {
    try {
      readConfig<ConfigSchema>(app, appSchemas[app], environment);
      return [];
    } catch (error) {
      return (error as ConfigError).problems.map(({ variable }) => variable);
    }
  };

  it('are none without any variable of their accounts: then nobody is answered', () => {
    const config = readConfig('sync-uploader', appSchemas['sync-uploader'], servers);
    expect(config.twitter).toBeUndefined();
  });

  it('need all variables of the account when there is one', () => {
    expect(missing('sync-uploader', { ...servers, TWITTER_USERNAME: 'bot' })).toHaveLength(4);
  });

  it('need the variables of the account when they are listed', () => {
    expect(missing('sync-uploader', { ...servers, NETWORKS: 'x' })).toHaveLength(5);
  });

  it('are at least one for a collector', () => {
    expect(missing('collector', collector)).toHaveLength(5);
  });

  it('may be others than X alone', () => {
    const bot = { MASTODON_URL: 'https://a.example', MASTODON_ACCESS_TOKEN: 'secret' };
    const config = readConfig('collector', appSchemas.collector, { ...collector, ...bot });
    expect(config.twitter).toBeUndefined();
    expect(config.mastodon).toEqual({
      url: 'https://a.example',
      accessToken: 'secret',
      answerAll: false,
    });
  });

  it('are refused when nobody knows them', () => {
    expect(missing('collector', { ...collector, NETWORKS: 'x,myspace' })).toContain('NETWORKS');
  });
});
