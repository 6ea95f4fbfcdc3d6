import { mkdir } from 'node:fs/promises';
import { freePorts } from './ports';
import { programPath } from './programs';
import { ask, untilReady } from './readiness';
import { startOrClose, type OwnedServer } from './server';
import { startTied, type TiedProcess } from './tied-process';

const readyTimeoutMs = 20_000;

/**
 * The command line of Redis. It keeps a log of all writes (append only), so that a restart finds the
 * data again; no snapshots.
 */
export function redisArguments(options: {
  readonly port: number;
  readonly folder: string;
}): string[] {
  const settings: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(options.port),
    dir: options.folder,
    appendonly: 'yes',
    save: '',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Starts a Redis of our own with its data in `folder`. */
export async function startRedis(folder: string): Promise<OwnedServer> {
  await mkdir(folder, { recursive: true });
  const { redis: port } = await freePorts(['redis']);
  let server: TiedProcess | undefined;

  async function start(): Promise<void> {
    const started = startTied(
      programPath('redis-server'),
      redisArguments({ port, folder }),
      process.env,
    );
    server = started;
    await untilReady('Redis', started, readyTimeoutMs, async () => {
      const answer = await ask(port, 'PING\r\n');
      if (!answer.startsWith('+PONG')) throw new Error(`Redis answers '${answer.trim()}' to PING`);
    });
  }
  const stop = async (): Promise<void> => server?.stop();

  return startOrClose({ url: `redis://127.0.0.1:${port}/0`, start, stop, close: stop });
}
