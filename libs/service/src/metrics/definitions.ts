/**
 * Every metric of the system. The dashboard and the alert rules in deploy/observability are checked
 * against this table. Each one also has the label `app`.
 *
 * `queue` is the role of a queue (raw, in, engine, finish, done), whatever its name on the broker.
 */
export const metricDefinitions = {
  mosaicme_build_info: gauge('1, with the version of this build.', ['version']),
  mosaicme_service_ready: gauge('1 while the service does its work, else 0.', []),
  mosaicme_broker_connected: gauge('1 while connected to the broker, else 0.', []),
  mosaicme_consumers: gauge('Consumers of a queue that this process runs.', ['queue']),
  mosaicme_messages_in_flight: gauge('Messages in flight: their handler runs now.', ['queue']),
  mosaicme_queue_messages: gauge(
    'Messages on the broker, looked up with each heartbeat; state is ready or dead.',
    ['queue', 'state'],
  ),
  mosaicme_handler_seconds: histogram(
    'Time of one attempt of a handler; outcome is handled or failed.',
    ['queue', 'event', 'outcome'],
    [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
  ),
  mosaicme_queue_age_seconds: histogram(
    'Age of an event at its first delivery: the time that it waited for a worker.',
    ['queue', 'event'],
    [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200],
  ),
  mosaicme_retries_total: counter('Attempts after the first one.', ['queue', 'event']),
  mosaicme_dead_letters_total: counter('Messages dead-lettered, by the code of the error.', [
    'queue',
    'code',
  ]),
  mosaicme_publishes_total: counter('Events published; outcome is confirmed or failed.', [
    'event',
    'outcome',
  ]),
  mosaicme_store_seconds: histogram(
    'Time of one call of the object store; outcome is done or failed.',
    ['operation', 'outcome'],
    [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  ),
  mosaicme_tiles: gauge('Tiles in the library, as this process last read it.', []),
  mosaicme_tiles_needed: gauge('Tiles that the engine waits for before it takes work.', []),
  mosaicme_tile_reads_total: counter(
    'Parts of tile packs that were needed; source is memory, disk or store.',
    ['source'],
  ),
  mosaicme_libvips_bytes: gauge('Memory that libvips holds, outside the heap of Node.', []),
  mosaicme_libvips_tasks: gauge('Pictures at libvips; state is queued or running.', ['state']),
  mosaicme_http_seconds: histogram(
    'Time until an answer of the gallery was out, live connections left out.',
    ['method', 'status'],
    [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  ),
} as const satisfies Record<string, MetricDefinition>;

export type MetricDefinition =
  | {
      readonly kind: 'counter' | 'gauge';
      readonly help: string;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: 'histogram';
      readonly help: string;
      readonly labels: readonly string[];
      /** Upper bounds in seconds. */
      readonly buckets: readonly number[];
    };

type Definitions = typeof metricDefinitions;
export type MetricName = keyof Definitions;

/** The names of one kind of metric. */
export type NameOf<Kind extends MetricDefinition['kind']> = {
  [Name in MetricName]: Definitions[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** The labels of a metric. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<Definitions[Name]['labels'][number], string>
>;

function counter<const Label extends string>(help: string, labels: readonly Label[]) {
  return { kind: 'counter', help, labels } as const;
}

function gauge<const Label extends string>(help: string, labels: readonly Label[]) {
  return { kind: 'gauge', help, labels } as const;
}

function histogram<const Label extends string>(
  help: string,
  labels: readonly Label[],
  buckets: readonly number[],
) {
  return { kind: 'histogram', help, labels, buckets } as const;
}
