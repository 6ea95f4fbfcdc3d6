import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from './ports';
import { programPath } from './programs';
import { ask, untilReady } from './readiness';
import { startOrClose, type OwnedServer } from './server';
import { startTied, type TiedProcess } from './tied-process';

/** Usually 7 to 11 s; a busy machine takes longer. */
const readyTimeoutMs = 120_000;

const startedText = 'Server startup complete';

export interface RabbitmqPlace {
  readonly folder: string;
  /** `amqp` for clients, `dist` for other Erlang nodes, `epmd` for the mapper of node names to ports. */
  readonly ports: Readonly<Record<'amqp' | 'dist' | 'epmd', number>>;
}

/** The content of `rabbitmq.conf`. */
export function rabbitmqConfig({ ports }: RabbitmqPlace): string {
  const settings: Record<string, string> = {
    'listeners.tcp.1': `127.0.0.1:${ports.amqp}`,
    'loopback_users.guest': 'true',
    // The default wants as much free disk as there is memory, and blocks all publishers below.
    'disk_free_limit.absolute': '50MB',
    'log.console': 'true',
    'log.console.level': 'info',
    'log.file': 'false',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

const loopbackOnly = '-kernel inet_dist_use_interface {127,0,0,1}';

/**
 * The environment in which a node shares nothing with another RabbitMQ of this machine: neither files,
 * nor ports, nor its name, nor the Erlang cookie (in HOME).
 */
export function rabbitmqEnvironment({ folder, ports }: RabbitmqPlace): Record<string, string> {
  return {
    HOME: folder,
    LANG: 'C.UTF-8',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_NODENAME: `mosaicme-${ports.amqp}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.dist),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'feature_flags'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    // One scheduler that does not spin: the tests need the cores more. We start the epmd ourselves.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${loopbackOnly} +S 1:1 +sbwt none -start_epmd false`,
    RABBITMQ_CTL_ERL_ARGS: loopbackOnly,
  };
}

/** Starts a RabbitMQ of our own, without plugins, with its data in `folder`. */
export async function startRabbitmq(folder: string): Promise<OwnedServer> {
  const ports = await freePorts(['amqp', 'dist', 'epmd']);
  const place = { folder, ports };
  const environment = { ...process.env, ...rabbitmqEnvironment(place) };
  await mkdir(join(folder, 'mnesia'), { recursive: true });
  await mkdir(join(folder, 'log'));
  await writeFile(join(folder, 'rabbitmq.conf'), rabbitmqConfig(place));
  await writeFile(join(folder, 'rabbitmq-env.conf'), '');
  await writeFile(join(folder, 'enabled_plugins'), '[].');
  let mapper: TiedProcess | undefined;
  let server: TiedProcess | undefined;

  async function start(): Promise<void> {
    if (!mapper || mapper.ended.aborted) {
      const started = startTied(
        programPath('epmd'),
        ['-port', String(ports.epmd), '-address', '127.0.0.1'],
        environment,
      );
      mapper = started;
      await untilReady('epmd', started, readyTimeoutMs, () => ask(ports.epmd));
    }
    const started = startTied(programPath('rabbitmq-server'), [], environment);
    server = started;
    await started.untilSays(startedText, readyTimeoutMs);
    await untilReady('RabbitMQ', started, readyTimeoutMs, () => ask(ports.amqp));
  }
  const stop = async (): Promise<void> => server?.stop();

  return startOrClose({
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    start,
    stop,
    close: async () => {
      await stop();
      await mapper?.stop();
    },
  });
}
