import {
  defaultBucketNames,
  defaultPhotoLimits,
  defaultQueueNames,
  defaultRetryPausesMs,
} from '@mosaicme/contracts';
import { tileSizes, type TileSize } from '@mosaicme/tile-pack';
import { z } from 'zod';
import {
  bucketName,
  choice,
  decimal,
  flag,
  hashtags,
  host,
  list,
  OptionalGroup,
  path,
  pause,
  port,
  queueName,
  secret,
  text,
  typed,
  url,
  whole,
  type Group,
  type Variable,
} from './define';

/** The variables, in groups. This file is the only place where a variable is defined. */

export const s3 = {
  accessKey: secret(text('S3_ACCESS_KEY', { summary: 'Access key of the object store.' })),
  secretKey: secret(text('S3_SECRET_KEY', { summary: 'Secret key of the object store.' })),
  host: host('S3_HOST', { summary: 'Host of the object store.' }),
  port: port('S3_PORT', { summary: 'Port of the object store.', fallback: '443' }),
  https: flag('S3_HTTPS', {
    summary: 'Whether the object store is spoken to over TLS.',
    fallback: 'true',
  }),
  region: text('S3_REGION', { summary: 'Region of the object store.', fallback: 'us-east-1' }),
  checksums: choice('WHEN_REQUIRED', 'WHEN_SUPPORTED')('S3_CHECKSUMS', {
    summary:
      'Whether uploads carry the newer checksums of the S3 protocol; older servers refuse them.',
    fallback: 'WHEN_REQUIRED',
  }),
} as const;

export const buckets = {
  in: bucketName('BUCKET_IN', {
    summary: 'Bucket of the requests.',
    fallback: defaultBucketNames.in,
  }),
  raw: bucketName('BUCKET_RAW', {
    summary: 'Bucket of the raw photos from which tiles are made.',
    fallback: defaultBucketNames.raw,
  }),
  outLarge: bucketName('BUCKET_OUT_LARGE', {
    summary: 'Bucket of the finished mosaics.',
    fallback: defaultBucketNames.outLarge,
  }),
  outSmall: bucketName('BUCKET_OUT_SMALL', {
    summary: 'Bucket of the thumbnails and of the records of the mosaics.',
    fallback: defaultBucketNames.outSmall,
  }),
  tiles: bucketName('BUCKET_TILES', {
    summary: 'Bucket of the tile packs.',
    fallback: defaultBucketNames.tiles,
  }),
  work: bucketName('BUCKET_WORK', {
    summary: 'Bucket of what one app hands to the next; may expire after some days.',
    fallback: defaultBucketNames.work,
  }),
} as const;

export const rabbitmq = {
  host: host('RABBITMQ_HOST', { summary: 'Host of the broker.', fallback: 'rabbit' }),
  port: port('RABBITMQ_PORT', { summary: 'Port of the broker.', fallback: '5672' }),
  user: text('RABBITMQ_USER', { summary: 'User at the broker.', fallback: 'guest' }),
  password: secret(
    text('RABBITMQ_PASSWORD', { summary: 'Password at the broker.', fallback: 'guest' }),
  ),
  vhost: text('RABBITMQ_VHOST', { summary: 'Virtual host at the broker.', fallback: '/' }),
  tls: flag('RABBITMQ_TLS', {
    summary: 'Whether the broker is spoken to over TLS.',
    fallback: 'false',
  }),
  exchange: text('RABBITMQ_EXCHANGE', {
    summary: 'Topic exchange of all events; two installations on one broker need two names.',
    fallback: 'mosaicme',
  }),
  retryPausesMs: list(pause, 'milliseconds, with commas between')('RETRY_PAUSES_MS', {
    summary: 'Pauses before the second, third, … attempt; after the last one a message is dead.',
    fallback: defaultRetryPausesMs.join(','),
  }),
} as const;

export const queues = {
  tiles: queueName('QUEUE_RAW', {
    summary: 'Queue of raw photos, read by sync-downloader.',
    fallback: defaultQueueNames.tiles,
  }),
  prepare: queueName('QUEUE_IN', {
    summary: 'Queue of requests, read by sync-downloader.',
    fallback: defaultQueueNames.prepare,
  }),
  render: queueName('QUEUE_ENGINE', {
    summary: 'Queue of prepared requests, read by engine.',
    fallback: defaultQueueNames.render,
  }),
  publish: queueName('QUEUE_FINISH', {
    summary: 'Queue of rendered mosaics, read by sync-uploader.',
    fallback: defaultQueueNames.publish,
  }),
  answer: queueName('QUEUE_ANSWER', {
    summary: 'Queue of published mosaics whose posts are answered, read by sync-uploader.',
    fallback: defaultQueueNames.answer,
  }),
  catalogue: queueName('QUEUE_DONE', {
    summary: 'Queue of published mosaics, read by cacher.',
    fallback: defaultQueueNames.catalogue,
  }),
  janitor: queueName('QUEUE_JANITOR', {
    summary: 'Queue of decisions about photos, read by janitor.',
    fallback: defaultQueueNames.janitor,
  }),
} as const;

export const redis = {
  host: host('REDIS_HOST', { summary: 'Host of Redis.', fallback: 'redis' }),
  port: port('REDIS_PORT', { summary: 'Port of Redis.', fallback: '6379' }),
  db: whole(0, 15)('REDIS_DB', { summary: 'Number of the Redis database.', fallback: '0' }),
  password: secret(text('REDIS_PASSWORD', { summary: 'Password of Redis.', fallback: null })),
} as const;

const healthPort = (fallback: string) =>
  port('HEALTH_PORT', {
    summary: 'Port of /healthz, /readyz and /metrics; 0 takes any free one.',
    fallback,
  });

/** Every app has these; the port of the health page differs, so that all apps fit on one machine. */
export const service = (healthPortFallback: string) =>
  ({
    logLevel: choice(
      'debug',
      'info',
      'warn',
      'error',
    )('LOG_LEVEL', { summary: 'The least important log lines to write.', fallback: 'info' }),
    instance: text('INSTANCE', {
      summary:
        'Name of this instance in logs and on the status page; host name and process id by default.',
      fallback: null,
    }),
    healthHost: host('HEALTH_HOST', {
      summary: 'Address on which the health page listens.',
      fallback: '0.0.0.0',
    }),
    healthPort: healthPort(healthPortFallback),
    heartbeatSeconds: whole(1, 3600)('HEARTBEAT_SECONDS', {
      summary: 'Seconds between two heartbeats.',
      fallback: '10',
    }),
    shutdownSeconds: whole(1, 3600)('SHUTDOWN_SECONDS', {
      summary: 'Seconds that work in progress gets to finish after SIGTERM.',
      fallback: '25',
    }),
    otlpEndpoint: url('OTEL_EXPORTER_OTLP_ENDPOINT', {
      summary:
        'Where traces go: the base address of an OTLP/HTTP collector, such as http://tempo:4318. Without it there are none.',
      fallback: null,
    }),
  }) as const;

const credentials = {
  consumerKey: secret(
    text('TWITTER_CONSUMER_KEY', { summary: 'Consumer key (API key) of the X app.' }),
  ),
  consumerSecret: secret(
    text('TWITTER_CONSUMER_SECRET', { summary: 'Consumer secret of the X app.' }),
  ),
  accessToken: secret(text('TWITTER_ACCESS_TOKEN', { summary: 'Access token of the bot.' })),
  accessTokenSecret: secret(
    text('TWITTER_ACCESS_TOKEN_SECRET', { summary: 'Secret of the access token of the bot.' }),
  ),
  username: text('TWITTER_USERNAME', { summary: 'Handle of the bot on X, with or without @.' }),
} as const;

export const twitter = {
  ...credentials,
  bearerToken: secret(
    text('TWITTER_BEARER_TOKEN', {
      summary: 'App-only token of the X app; fetched with the consumer key unless given.',
      fallback: null,
    }),
  ),
  answerAll: flag('TWITTER_ANSWER_ALL', {
    summary:
      'Answer posts that do not mention the bot, too. X allows that only to Enterprise customers.',
    fallback: 'false',
  }),
  mode: choice('stream', 'search')('TWITTER_MODE', {
    summary:
      'Follow by the filtered stream, or by asking the recent search again and again. X allows one stream per app, so a second collector with the same keys searches.',
    fallback: 'stream',
  }),
  searchSeconds: whole(1, 86_400)('TWITTER_SEARCH_SECONDS', {
    summary:
      'Seconds between two searches where there is no stream. X asks money for every post that is read.',
    fallback: '30',
  }),
  apiHost: host('TWITTER_API_HOST', {
    summary: 'Host of a local simulator of X, instead of X.',
    fallback: null,
  }),
  apiPort: port('TWITTER_API_PORT', {
    summary: 'Port of a local simulator of X.',
    fallback: null,
  }),
} as const;

export const mastodon = {
  url: url('MASTODON_URL', {
    summary: 'Address of the Mastodon server of the bot, such as https://mastodon.social.',
  }),
  accessToken: secret(
    text('MASTODON_ACCESS_TOKEN', {
      summary: 'Access token of the bot on its Mastodon server, with the scopes read and write.',
    }),
  ),
  answerAll: flag('MASTODON_ANSWER_ALL', {
    summary:
      'Answer posts on Mastodon that do not mention the bot, too, where the rules of the server allow that.',
    fallback: 'false',
  }),
} as const;

/** The networks that have an adapter, each with the group of its variables. */
const networkGroups = { x: twitter, mastodon } as const satisfies Record<string, Group>;
type ConfigurableNetwork = keyof typeof networkGroups;

export const networks = {
  listed: list(
    z.enum(Object.keys(networkGroups) as [ConfigurableNetwork, ...ConfigurableNetwork[]]),
    `one or several of ${Object.keys(networkGroups).join(', ')}, with commas between`,
  )('NETWORKS', {
    summary:
      'Networks that are followed and answered on. By default each one of whose account a variable is set.',
    fallback: null,
  }),
} as const;

/**
 * The group of a network, read when the network is in use: listed in NETWORKS or, without that, when a
 * required variable of it is set.
 *
 * @param otherwise The group is read also where no network at all is in use, so that an app that needs one
 *   says what is missing.
 */
export function ofNetwork<Name extends ConfigurableNetwork>(
  name: Name,
  otherwise = false,
): OptionalGroup<(typeof networkGroups)[Name]> {
  return new OptionalGroup(
    networkGroups[name],
    (environment) => {
      const inUse = networksInUse(environment);
      return inUse.includes(name) || (otherwise && inUse.length === 0);
    },
    `with \`${name}\` in \`NETWORKS\``,
  );
}

/** The networks that this environment puts to use. A wrong name in NETWORKS is none. */
export function networksInUse(environment: Readonly<Record<string, string | undefined>>): string[] {
  const given = environment[networks.listed.name]?.trim();
  if (given) return given.split(',').map((name) => name.trim());
  return Object.entries(networkGroups)
    .filter(([, group]) =>
      Object.values<Variable<unknown>>(group).some(
        ({ name, fallback }) => fallback === undefined && environment[name]?.trim(),
      ),
    )
    .map(([name]) => name);
}

export const answers = {
  text: text('TWITTER_TEXT', {
    summary: 'Text of the answer: the first %s is the author, the second the link.',
    form: 'a text with %s twice',
    fallback: 'Hi @%s Here is your Mosaic: %s',
  }),
  largeImage: flag('TWITTER_TWEET_LARGE_IMAGE', {
    summary:
      'Attach the large picture to the answer instead of the preview, where the network takes it.',
    fallback: 'false',
  }),
  enabled: flag('ANSWER_POSTS', {
    summary: 'Whether posts are answered at all.',
    fallback: 'true',
  }),
  settleSeconds: decimal(0, 3_600)('ANSWER_SETTLE_SECONDS', {
    summary:
      'After an attempt to answer that ended without a word: seconds after which an answer that is not on the timeline of the bot was certainly not posted.',
    fallback: '90',
  }),
} as const;

export const collecting = {
  queue: queueName('MOSAIC_QUEUE', {
    summary:
      'Queue that gets the requests. Without it the collector gathers raw photos for the tile library.',
    fallback: null,
  }),
  bucket: bucketName('MOSAIC_BUCKET', {
    summary:
      'Bucket for the photos of this collector; by default BUCKET_COLLECTOR, else BUCKET_IN with MOSAIC_QUEUE and BUCKET_RAW without.',
    fallback: null,
  }),
  defaultBucket: bucketName('BUCKET_COLLECTOR', {
    summary: 'Bucket for the photos of collectors that set no MOSAIC_BUCKET.',
    fallback: null,
  }),
  hashtags: hashtags('MOSAIC_LISTEN_HASHTAG', { summary: 'What the collector follows.' }),
} as const;

export const media = {
  maxBytes: whole(1_000, 1_000_000_000)('MEDIA_MAX_BYTES', {
    summary: 'Largest photo that is fetched or uploaded, in bytes.',
    fallback: String(defaultPhotoLimits.maxBytes),
  }),
  maxSeconds: whole(1, 600)('MEDIA_MAX_SECONDS', {
    summary: 'Seconds that fetching one photo may take.',
    fallback: '30',
  }),
  allowedOrigins: list(
    z.url({ protocol: /^https?$/ }).transform((address) => new URL(address).origin),
    'origins such as http://127.0.0.1:8081, with commas between',
  )('MEDIA_ALLOWED_ORIGINS', {
    summary:
      'Origins from which photos may be fetched although they are private or not https: a local simulator.',
    fallback: null,
  }),
} as const;

export const imaging = {
  maxBytes: media.maxBytes,
  maxPixels: whole(10_000, 1_000_000_000)('IMAGE_MAX_PIXELS', {
    summary:
      'Most pixels of a photo that are decoded at full size, at eight bytes each; a baseline JPEG is reduced on the way and may have eight times as many, AVIF half.',
    fallback: String(defaultPhotoLimits.maxPixels),
  }),
  minSide: whole(1, 10_000)('IMAGE_MIN_SIDE', {
    summary: 'Least width and height of a photo in pixels.',
    fallback: String(defaultPhotoLimits.minSide),
  }),
  maxSeconds: whole(1, 600)('IMAGE_MAX_SECONDS', {
    summary: 'Seconds that decoding one photo may take.',
    fallback: String(defaultPhotoLimits.maxSeconds),
  }),
  background: text('IMAGE_BACKGROUND', {
    summary:
      'What lies under transparent photos: auto (white or black, on which the content shows best) or a colour such as #ffcc00.',
    form: 'auto or a colour',
    fallback: 'auto',
  }),
} as const;

export const tiles = {
  packSize: whole(1, 4_096)('TILES_PACK_SIZE', {
    summary: 'Tiles in a full pack.',
    fallback: '256',
  }),
  packWaitMs: whole(0, 600_000)('TILES_PACK_WAIT_MS', {
    summary: 'Milliseconds that a raw photo waits for others before its pack is written.',
    fallback: '2000',
  }),
  crop: choice('attention', 'centre')('TILES_CROP', {
    summary:
      'Which square of a photo becomes its tile: what draws the eye (faces, animals, edges), or the centre.',
    fallback: 'attention',
  }),
  nearDuplicateBits: whole(0, 32)('TILES_NEAR_DUPLICATE_BITS', {
    summary:
      'Photos whose perceptual hashes differ in at most this many of 64 bits count as the same.',
    fallback: '4',
  }),
} as const;

const tileSize = typed(
  z
    .string()
    .transform((side) => tileSizes.find((size) => String(size) === side))
    .refine((size) => size !== undefined) as z.ZodType<TileSize, string>,
  `one of ${tileSizes.toSorted((a, b) => a - b).join(', ')}`,
);

export const rendering = {
  cells: whole(4, 4_096)('MOSAIC_CELLS', {
    summary:
      'Cells along the longer side of a mosaic; where they are of several sizes, as many as a grid with so many would have.',
    fallback: '72',
  }),
  printMm: decimal(1, 10_000)('MOSAIC_PRINT_MM', {
    summary:
      'Longer side of a mosaic on paper in millimetres; with MOSAIC_PRINT_DPI it decides on the cells instead of MOSAIC_CELLS.',
    fallback: null,
  }),
  printDpi: whole(1, 2_400)('MOSAIC_PRINT_DPI', {
    summary: 'Dots an inch on paper.',
    fallback: '300',
  }),
  tileSize: tileSize('MOSAIC_TILE_SIZE', {
    summary: 'Side of a tile in pixels; the mean one where cells are of several sizes.',
    fallback: '64',
  }),
  adaptive: flag('MOSAIC_ADAPTIVE', {
    summary:
      'Whether cells are small where the photo has detail and large where it is calm: as many as MOSAIC_CELLS makes, from a quarter to twice MOSAIC_TILE_SIZE, within 16 to 128 pixels.',
    fallback: 'true',
  }),
  colourShift: whole(0, 64)('MOSAIC_COLOUR_SHIFT', {
    summary:
      'Most levels by which the colour of a tile is moved toward its cell; 0 leaves tiles as they are.',
    fallback: '24',
  }),
  repeatDistance: whole(0, 64)('MOSAIC_REPEAT_DISTANCE', {
    summary: 'No second use of a tile within this many cells in either direction.',
    fallback: '5',
  }),
  maxUses: whole(1, 1_000_000)('MOSAIC_MAX_USES', {
    summary: 'Most uses of a tile in one mosaic; without it any number.',
    fallback: null,
  }),
  useAll: flag('MOSAIC_USE_ALL', {
    summary:
      'Whether every tile is used at least once; left out while there are more tiles than cells.',
    fallback: 'false',
  }),
  optimal: flag('MOSAIC_OPTIMAL', {
    summary:
      'Whether all tiles are always chosen together: better and much slower, for few tiles with MOSAIC_MAX_USES. Left out while cells times tiles exceed 33 million. With MOSAIC_MAX_USES or MOSAIC_USE_ALL it is done anyway up to 2 million.',
    fallback: 'false',
  }),
  mirror: flag('MOSAIC_MIRROR', {
    summary: 'Whether tiles may also be used mirrored.',
    fallback: 'false',
  }),
  minTiles: whole(1, 1_000_000)('MOSAIC_MIN_TILES', {
    summary: 'Tiles that the library must have before mosaics are made; requests wait until then.',
    fallback: '100',
  }),
  thumbnailWidth: whole(16, 2_000)('MOSAIC_THUMBNAIL_WIDTH', {
    summary: 'Width of the small picture in pixels.',
    fallback: '600',
  }),
  cacheFolder: path('ENGINE_CACHE_FOLDER', {
    summary:
      'Folder for the local copy of the tile packs; without it they are kept in memory only.',
    fallback: null,
  }),
  memoryMb: whole(16, 65_536)('ENGINE_MEMORY_MB', {
    summary: 'Memory for tile packs, in megabytes.',
    fallback: '256',
  }),
} as const;

export const publicSite = {
  url: url('MOSAIC_WEB_URL', {
    summary: 'Public address of the gallery; the links in answers begin with it.',
    fallback: 'http://localhost:8000',
  }),
} as const;

export const web = {
  port: port('WEB_PORT', { summary: 'Port of the gallery.', fallback: '8000' }),
  host: host('WEB_HOST', { summary: 'Address on which the gallery listens.', fallback: '0.0.0.0' }),
  title: text('WEB_TITLE', {
    summary: 'Name of the event, shown on every page.',
    fallback: 'MosaicMe',
  }),
  requestHashtag: text('WEB_REQUEST_HASHTAG', {
    summary: 'The hashtag that the gallery tells people to use.',
    fallback: 'mosaicme',
  }),
  botHandle: text('WEB_BOT_HANDLE', {
    summary: 'The handle that the gallery tells people to mention, without @.',
    fallback: null,
  }),
  uploads: flag('WEB_UPLOADS', {
    summary: 'Whether the gallery takes photos by its upload page.',
    fallback: 'true',
  }),
  uploadsPerMinute: whole(1, 100_000)('WEB_UPLOADS_PER_MINUTE', {
    summary: 'Photos that one device may send in a minute.',
    fallback: '10',
  }),
  uploadsPerAddress: whole(1, 100_000)('WEB_UPLOADS_PER_ADDRESS', {
    summary:
      'Photos that one network address may send in a minute: at an event, all guests may share one.',
    fallback: '300',
  }),
  uploadsAtOnce: whole(1, 1_000)('WEB_UPLOADS_AT_ONCE', {
    summary:
      'Photos that are received at the same time; each is held in memory until it is stored.',
    fallback: '8',
  }),
  trustProxy: whole(0, 10)('WEB_TRUST_PROXY', {
    summary: 'Proxies in front of the gallery whose X-Forwarded headers are believed.',
    fallback: '0',
  }),
} as const;

export const work = {
  prefetch: whole(1, 1_000)('PREFETCH', {
    summary: 'Messages that this app works on at the same time.',
    fallback: '4',
  }),
} as const;

export const reconciliation = {
  seconds: decimal(0, 86_400)('RECONCILE_SECONDS', {
    summary:
      'Seconds between two searches for requests that lost their message; 0: at start-up only.',
    fallback: '300',
  }),
  ageSeconds: decimal(0, 86_400)('RECONCILE_AGE_SECONDS', {
    summary: 'Requests younger than this are left alone by that search.',
    fallback: '600',
  }),
} as const;

export const sweeping = {
  ageSeconds: decimal(0, 31_536_000)('SWEEP_AGE_SECONDS', {
    summary:
      'Objects that nothing names any more are removed when they are older than this; longer than any message may wait.',
    fallback: '3600',
  }),
} as const;

/** Only the all-in-one program reads these. */
export const standalone = {
  dataFolder: path('MOSAIC_DATA_FOLDER', {
    summary: 'Folder in which the all-in-one program keeps everything.',
    fallback: '.mosaicme',
  }),
  rawHashtags: hashtags('MOSAIC_RAW_HASHTAG', {
    summary:
      'What the all-in-one program gathers raw photos from; MOSAIC_LISTEN_HASHTAG is for requests.',
    fallback: null,
  }),
  photosFolder: path('MOSAIC_PHOTOS_FOLDER', {
    summary:
      'Folder whose photos the all-in-one program takes as raw photos, also those that come later.',
    fallback: null,
  }),
} as const;
