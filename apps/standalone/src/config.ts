import {
  appSchemas,
  ConfigError,
  networksInUse,
  readConfig,
  standaloneSchema,
  type CacherConfig,
  type CollectorConfig,
  type ConfigOf,
  type ConfigProblem,
  type ConfigSchema,
  type EngineConfig,
  type JanitorConfig,
  type SyncDownloaderConfig,
  type SyncUploaderConfig,
  type WebConfig,
} from '@mosaicme/config';
import { defaultQueueNames } from '@mosaicme/contracts';

/** The configuration of every app in the program. */
export interface StandaloneConfig extends ConfigOf<typeof standaloneSchema> {
  /** Undefined without a network in use: then requests come by upload only. */
  readonly requests: CollectorConfig | undefined;
  /** Undefined without MOSAIC_RAW_HASHTAG. */
  readonly rawPhotos: CollectorConfig | undefined;
  readonly downloader: SyncDownloaderConfig;
  readonly engine: EngineConfig;
  readonly uploader: SyncUploaderConfig;
  readonly cacher: CacherConfig;
  readonly janitor: JanitorConfig;
  readonly web: WebConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The apps' schemas ask for servers; in here the embedded adapters take their place. */
const embedded: Environment = {
  S3_ACCESS_KEY: 'embedded',
  S3_SECRET_KEY: 'embedded',
  S3_HOST: 'embedded',
};

/**
 * Reads the configuration of all apps from one environment.
 *
 * @throws ConfigError that lists the problems of all apps.
 */
export function readStandaloneConfig(environment: Environment): StandaloneConfig {
  const problems = new Map<string, ConfigProblem>();
  const read = <Schema extends ConfigSchema>(
    schema: Schema,
    more: Environment = {},
  ): ConfigOf<Schema> | undefined => {
    try {
      return readConfig('standalone', schema, { ...environment, ...embedded, ...more });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(problem.variable, problem);
      return undefined;
    }
  };

  const connected = networksInUse(environment).length > 0;
  const own = read(standaloneSchema);
  const rawHashtags = own?.standalone.rawHashtags;
  const config = {
    ...own,
    requests: connected
      ? read(appSchemas.collector, {
          MOSAIC_QUEUE: environment['QUEUE_IN'] ?? defaultQueueNames.prepare,
        })
      : undefined,
    rawPhotos:
      connected && rawHashtags
        ? read(appSchemas.collector, {
            MOSAIC_QUEUE: undefined,
            MOSAIC_BUCKET: undefined,
            MOSAIC_LISTEN_HASHTAG: rawHashtags.join(','),
            // X allows one stream for each app, and the requests have it.
            TWITTER_MODE: 'search',
          })
        : undefined,
    downloader: read(appSchemas['sync-downloader']),
    engine: read(appSchemas.engine),
    uploader: read(appSchemas['sync-uploader']),
    cacher: read(appSchemas.cacher),
    janitor: read(appSchemas.janitor),
    web: read(appSchemas.web),
  };
  if (problems.size > 0) throw new ConfigError('standalone', [...problems.values()]);
  return config as StandaloneConfig;
}
