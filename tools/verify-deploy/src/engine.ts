import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNetworkState, restoreNetworkState } from './firewall';
import { eventually, run, succeeds } from './shell';

/** A Docker engine to work with. */
export interface Engine {
  readonly isOurs: boolean;
  /** For the environment of every command that talks to it. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

type Say = (line: string) => void;

const packages = ['docker.io', 'docker-compose', 'iptables', 'mmdebstrap'];
const programs = [
  '/usr/sbin/dockerd',
  '/usr/bin/docker',
  '/usr/bin/docker-compose',
  '/usr/sbin/iptables',
  '/usr/bin/mmdebstrap',
];
/** Debian's programs first: they fit its daemon. */
const debianPath = `/usr/sbin:/usr/bin:${process.env['PATH'] ?? ''}`;

/**
 * The engine that runs already or, on Debian as root, a private one: with its own data folder and
 * socket, and gone without a trace after `close`.
 *
 * @throws Error that says why there is none.
 */
export async function getEngine(say: Say): Promise<Engine> {
  if (await succeeds('docker', ['version'])) {
    say('Uses the Docker engine that runs.');
    return { isOurs: false, environment: {}, close: async () => undefined };
  }
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(
      'No Docker engine answers (docker version), and only root on Debian can get a private one: start Docker, or set DOCKER_HOST.',
    );
  }
  return startPrivateEngine(say);
}

async function startPrivateEngine(say: Say): Promise<Engine> {
  if (!programs.every((program) => existsSync(program))) {
    say(`Installs ${packages.join(', ')} …`);
    const environment = { DEBIAN_FRONTEND: 'noninteractive' };
    await succeeds('apt-get', ['update', '-qq'], { environment, timeoutSeconds: 180 });
    const wait = ['-o', 'DPkg::Lock::Timeout=300'];
    await run(
      'apt-get',
      [...wait, 'install', '-y', '-qq', '--no-install-recommends', ...packages],
      {
        environment,
        timeoutSeconds: 600,
      },
    );
  }
  const networkBefore = await readNetworkState();
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-docker-'));
  await mkdir(join(folder, 'data'));
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const log = openSync(join(folder, 'dockerd.log'), 'a');
  const daemon = spawn(
    'dockerd',
    [
      ...['--host', socket],
      ...['--data-root', join(folder, 'data')],
      ...['--exec-root', join(folder, 'exec')],
      ...['--pidfile', join(folder, 'dockerd.pid')],
    ],
    {
      env: { ...process.env, PATH: debianPath, DOCKER_HOST: '' },
      // Ctrl-C is for us: we end the daemon, after its containers.
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  const ended = once(daemon, 'exit');
  const environment = { PATH: debianPath, DOCKER_HOST: socket };
  const close = async (): Promise<void> => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const killer = setTimeout(() => daemon.kill('SIGKILL'), 60_000);
      daemon.kill('SIGTERM');
      await ended;
      clearTimeout(killer);
    }
    await restoreNetworkState(networkBefore);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  };
  try {
    await eventually(
      'the private Docker engine answers',
      async () => {
        if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`);
        await run('docker', ['version'], { environment });
      },
      { timeoutSeconds: 60 },
    );
  } catch (error) {
    const words = await run('tail', ['-n', '20', join(folder, 'dockerd.log')]);
    await close();
    throw new Error(`The private Docker engine does not start:\n${words}`, { cause: error });
  }
  say('A private Docker engine runs.');
  return { isOurs: true, environment, close };
}
