/** The servers that the tests need. */
export const serverKinds = ['amqp', 's3', 'redis'] as const;
export type ServerKind = (typeof serverKinds)[number];

interface KindFacts {
  readonly title: string;
  /** The variable that names a server which runs already. */
  readonly variable: string;
  /** The form of its value. */
  readonly form: string;
  /** Programs without which it cannot be started here. */
  readonly programs: readonly string[];
  /** The packages of Debian and Ubuntu that hold them. */
  readonly packages: readonly string[];
}

export const kindFacts: Readonly<Record<ServerKind, KindFacts>> = {
  amqp: {
    title: 'RabbitMQ',
    variable: 'MOSAICME_TEST_AMQP_URL',
    form: 'amqp://user:password@host:port',
    programs: ['rabbitmq-server', 'epmd'],
    packages: ['rabbitmq-server'],
  },
  s3: {
    title: "Ceph's radosgw (S3)",
    variable: 'MOSAICME_TEST_S3_URL',
    form: 'http://accesskey:secret@host:port',
    programs: ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'monmaptool'],
    packages: ['radosgw', 'ceph-mon', 'ceph-osd'],
  },
  redis: {
    title: 'Redis',
    variable: 'MOSAICME_TEST_REDIS_URL',
    form: 'redis://host:port/db',
    programs: ['redis-server'],
    packages: ['redis-server'],
  },
};

/** An environment: `process.env`, or a made-up one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The address of a server that was given by its variable; an empty one counts as none. */
export function givenUrl(kind: ServerKind, environment: Environment): string | undefined {
  return environment[kindFacts[kind].variable] || undefined;
}

/**
 * The address of a server for a test. A missing server fails the test; it never skips it.
 * @throws Error that says how to get one.
 */
export function requireTestServer(
  kind: ServerKind,
  environment: Environment = process.env,
): string {
  const url = givenUrl(kind, environment);
  if (url !== undefined) return url;
  const { title, variable, form } = kindFacts[kind];
  throw new Error(
    `This test needs ${title}: run \`npm test\`, or \`node tools/test-servers/main.mjs -- COMMAND\`, ` +
      `or set ${variable} to ${form}.`,
  );
}
