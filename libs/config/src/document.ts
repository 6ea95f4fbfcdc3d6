import { appSchemas, standaloneSchema } from './apps';
import { OptionalGroup, type ConfigSchema, type Variable } from './define';

/** What became of each line of the original guide's two configuration files. */
const renamed: readonly (readonly [file: string, line: string, now: string])[] = [
  ['engine.ini', 'hostname', '`RABBITMQ_HOST`'],
  ['engine.ini', 'thm_size', '`MOSAIC_THUMBNAIL_WIDTH`'],
  ['engine.ini', 'queueeng', '`QUEUE_ENGINE`'],
  ['engine.ini', 'queueout', '`QUEUE_FINISH`'],
  ['ecsconfig.properties', 'objectType', 'gone: S3 is the only kind'],
  ['ecsconfig.properties', 'username', '`S3_ACCESS_KEY`'],
  ['ecsconfig.properties', 'password', '`S3_SECRET_KEY`'],
  ['ecsconfig.properties', 'proxy', '`S3_HOST`, `S3_PORT`, `S3_HTTPS`'],
  ['ecsconfig.properties', 's3collectbucket', '`BUCKET_RAW`'],
  ['ecsconfig.properties', 'emclocal', 'gone: no folder is shared between apps'],
  ['ecsconfig.properties', 'mosaicin', 'gone: no folder is shared between apps'],
  ['ecsconfig.properties', 'mosaicoutlarge', 'gone: no folder is shared between apps'],
  ['ecsconfig.properties', 'mosaicoutsmall', 'gone: no folder is shared between apps'],
  ['ecsconfig.properties', 'inbucket', '`BUCKET_IN`'],
  ['ecsconfig.properties', 'outlargebucket', '`BUCKET_OUT_LARGE`'],
  ['ecsconfig.properties', 'outsmallbucket', '`BUCKET_OUT_SMALL`'],
  ['ecsconfig.properties', 'downloaderQueue', '`QUEUE_IN`'],
  ['ecsconfig.properties', 'engineQueue', '`QUEUE_ENGINE`'],
  ['ecsconfig.properties', 'uploaderQueue', '`QUEUE_FINISH`'],
  ['ecsconfig.properties', 'twitterQueue', '`QUEUE_DONE`'],
  ['ecsconfig.properties', 'queueHost', '`RABBITMQ_HOST`'],
  ['ecsconfig.properties', 'twitterText', '`TWITTER_TEXT`'],
  ['ecsconfig.properties', 'twitterhashtage', '`MOSAIC_LISTEN_HASHTAG`'],
  ['ecsconfig.properties', 'consumerKey', '`TWITTER_CONSUMER_KEY`'],
  ['ecsconfig.properties', 'consumerSecret', '`TWITTER_CONSUMER_SECRET`'],
  ['ecsconfig.properties', 'accessToken', '`TWITTER_ACCESS_TOKEN`'],
  ['ecsconfig.properties', 'accessTokenSecret', '`TWITTER_ACCESS_TOKEN_SECRET`'],
  ['ecsconfig.properties', 'mosaicweb', '`MOSAIC_WEB_URL`, without `/#/mosaic/`'],
  ['ecsconfig.properties', 'tweetlargeimage', '`TWITTER_TWEET_LARGE_IMAGE`'],
  ['ecsconfig.properties', 'bitlylogin', 'gone: X shortens links itself'],
  ['ecsconfig.properties', 'bitlyapikey', 'gone: X shortens links itself'],
];

/** docs/configuration.md, from the schemas. A test fails when the file differs from this. */
export function configurationDocument(): string {
  const used = new Map<
    string,
    { variable: Variable<unknown>; apps: string[]; fallbacks: Set<string> }
  >();
  const programs = { ...appSchemas, standalone: standaloneSchema };
  for (const [app, schema] of Object.entries(programs)) {
    for (const variable of variablesOf(schema)) {
      const entry = used.get(variable.name) ?? { variable, apps: [], fallbacks: new Set() };
      entry.apps.push(app);
      entry.fallbacks.add(fallbackText(variable));
      used.set(variable.name, entry);
    }
  }
  const programCount = Object.keys(programs).length;
  return [
    '# Configuration',
    '',
    '<!-- Made by `npm run docs` from libs/config. Do not edit. -->',
    '',
    'Every app is configured by environment variables. An app whose configuration is wrong stops at',
    'once and lists every bad or missing variable. An empty variable counts as not set.',
    '',
    '## Variables',
    '',
    '| variable | meaning | form | default | read by |',
    '| --- | --- | --- | --- | --- |',
    ...[...used.values()].map(({ variable, apps, fallbacks }) =>
      row([
        `\`${variable.name}\`${variable.secret ? ' (secret)' : ''}`,
        variable.summary,
        variable.form,
        [...fallbacks].join(', '),
        apps.length === programCount ? 'every app' : apps.join(', '),
      ]),
    ),
    '',
    '`standalone`, the all-in-one program, reads the variables of all apps too, but none of `S3_*`,',
    '`RABBITMQ_*` and `REDIS_*`: it has everything in one process and in one folder.',
    '',
    '`HEALTH_PORT` has another default for each app, in the order of the table below.',
    '',
    '## Variables that an app cannot do without',
    '',
    '| app | required |',
    '| --- | --- |',
    ...Object.entries(appSchemas).map(([app, schema]) => row([app, requiredOf(schema)])),
    '',
    "## From the original guide's files to variables",
    '',
    '| file | line | now |',
    '| --- | --- | --- |',
    ...renamed.map(row),
    '',
  ].join('\n');
}

function variablesOf(schema: ConfigSchema): Variable<unknown>[] {
  return Object.values(schema).flatMap((entry) => variablesIn(entry));
}

function variablesIn(entry: ConfigSchema[string]): Variable<unknown>[] {
  return Object.values(entry instanceof OptionalGroup ? entry.group : entry);
}

/** What a schema cannot do without: first what is always required, then what is so under a condition. */
function requiredOf(schema: ConfigSchema): string {
  const namesIn = (entry: ConfigSchema[string]) =>
    variablesIn(entry)
      .filter((variable) => variable.fallback === undefined)
      .map((variable) => `\`${variable.name}\``)
      .join(', ');
  const entries = Object.values(schema);
  const always = entries.filter((entry) => !(entry instanceof OptionalGroup)).map(namesIn);
  const sometimes = entries.flatMap((entry) =>
    entry instanceof OptionalGroup ? [`${entry.when}: ${namesIn(entry)}`] : [],
  );
  return [always.filter((names) => names !== '').join(', '), ...sometimes]
    .filter((part) => part !== '')
    .join('; ');
}

function fallbackText({ fallback }: Variable<unknown>): string {
  if (fallback === undefined) return 'required';
  return fallback === null ? 'none' : `\`${fallback}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
