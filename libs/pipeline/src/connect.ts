import { topology, type BucketNames, type QueueNames } from '@mosaicme/contracts';
import type { GroupValues, groups } from '@mosaicme/config';
import { connectRabbit, type Messaging } from '@mosaicme/messaging';
import { createS3Store, type ObjectStore } from '@mosaicme/object-store';
import type { Logger } from '@mosaicme/service';

/** The groups of the configuration that every worker of the pipeline has. */
export interface PipelineConfig {
  readonly service: GroupValues<ReturnType<typeof groups.service>>;
  readonly s3: GroupValues<typeof groups.s3>;
  readonly buckets: BucketNames;
  readonly rabbitmq: GroupValues<typeof groups.rabbitmq>;
  readonly queues: QueueNames;
}

/** The store that the configuration names. Connects when it is used. */
export function connectStore({ s3 }: Pick<PipelineConfig, 's3'>): ObjectStore {
  return createS3Store({
    endpoint: { host: s3.host, port: s3.port, https: s3.https },
    region: s3.region,
    accessKey: s3.accessKey,
    secretKey: s3.secretKey,
    checksums: s3.checksums,
  });
}

/** The broker that the configuration names. Returns at once and connects in the background. */
export function connectMessaging(
  { rabbitmq, queues }: Pick<PipelineConfig, 'rabbitmq' | 'queues'>,
  logger: Logger,
  connectionName: string,
): Messaging {
  return connectRabbit({ ...brokerOf({ rabbitmq, queues }), logger, connectionName });
}

/** Address, credentials and topology of the broker that the configuration names. */
export function brokerOf({ rabbitmq, queues }: Pick<PipelineConfig, 'rabbitmq' | 'queues'>) {
  const { host, port, user, password, vhost, tls } = rabbitmq;
  return { host, port, user, password, vhost, tls, topology: topologyOf({ rabbitmq, queues }) };
}

/** The topology that the configuration names. */
export function topologyOf({ rabbitmq, queues }: Pick<PipelineConfig, 'rabbitmq' | 'queues'>) {
  return topology({
    exchange: rabbitmq.exchange,
    queues,
    retryPausesMs: rabbitmq.retryPausesMs,
  });
}
