import {
  answers,
  buckets,
  collecting,
  imaging,
  media,
  networks,
  ofNetwork,
  publicSite,
  queues,
  rabbitmq,
  reconciliation,
  redis,
  rendering,
  s3,
  service,
  standalone,
  sweeping,
  tiles,
  web,
  work,
} from './groups';
import type { ConfigOf, ConfigSchema } from './define';

/** What each app reads. */
export const appSchemas = {
  collector: {
    service: service('9101'),
    collecting,
    media,
    networks,
    twitter: ofNetwork('x', true),
    mastodon: ofNetwork('mastodon'),
    s3,
    buckets,
    rabbitmq,
    queues,
  },
  'sync-downloader': {
    service: service('9102'),
    work,
    imaging,
    tiles,
    s3,
    buckets,
    rabbitmq,
    queues,
  },
  engine: { service: service('9103'), work, rendering, s3, buckets, rabbitmq, queues },
  'sync-uploader': {
    service: service('9104'),
    work,
    publicSite,
    answers,
    networks,
    twitter: ofNetwork('x'),
    mastodon: ofNetwork('mastodon'),
    s3,
    buckets,
    rabbitmq,
    queues,
  },
  cacher: { service: service('9105'), work, reconciliation, redis, s3, buckets, rabbitmq, queues },
  janitor: {
    service: service('9107'),
    reconciliation,
    sweeping,
    s3,
    buckets,
    rabbitmq,
    queues,
  },
  web: {
    service: service('9106'),
    web,
    publicSite,
    media,
    redis,
    s3,
    buckets,
    rabbitmq,
    queues,
  },
} as const satisfies Record<string, ConfigSchema>;

/** What the all-in-one program reads besides the variables of the apps in it. */
export const standaloneSchema = {
  service: service('9100'),
  standalone,
} as const satisfies ConfigSchema;

export type AppName = keyof typeof appSchemas;
export type AppConfig<Name extends AppName> = ConfigOf<(typeof appSchemas)[Name]>;

export type CollectorConfig = AppConfig<'collector'>;
export type SyncDownloaderConfig = AppConfig<'sync-downloader'>;
export type EngineConfig = AppConfig<'engine'>;
export type SyncUploaderConfig = AppConfig<'sync-uploader'>;
export type CacherConfig = AppConfig<'cacher'>;
export type JanitorConfig = AppConfig<'janitor'>;
export type WebConfig = AppConfig<'web'>;
