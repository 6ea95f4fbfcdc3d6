import { groups, readConfig } from '@mosaicme/config';
import { queueRoles, type QueueNames, type QueueRole } from '@mosaicme/contracts';
import { PermanentError } from '@mosaicme/errors';

export type Environment = Readonly<Record<string, string | undefined>>;

const broker = { rabbitmq: groups.rabbitmq, queues: groups.queues } as const;
const store = { s3: groups.s3, buckets: groups.buckets } as const;

/** The variables that tell where the broker is. @throws ConfigError */
export const readBrokerConfig = (environment: Environment) =>
  readConfig('mosaicme', broker, environment);

/** The variables that tell where the object store is. @throws ConfigError */
export const readStoreConfig = (environment: Environment) =>
  readConfig('mosaicme', store, environment);

/** Both, and how old work must be to count as lost. @throws ConfigError */
export const readOperatorConfig = (environment: Environment) =>
  readConfig(
    'mosaicme',
    { ...broker, ...store, reconciliation: groups.reconciliation },
    environment,
  );

/**
 * The role of a queue that a person named, by its role or by its name on the broker.
 *
 * @throws PermanentError `operator.unknown-queue`
 */
export function queueRole(named: string, names: QueueNames): QueueRole {
  const role = queueRoles.find((candidate) => candidate === named || names[candidate] === named);
  if (role) return role;
  throw new PermanentError(
    'operator.unknown-queue',
    `There is no queue '${named}'; there are ${queueRoles.map((each) => names[each]).join(', ')}.`,
  );
}
