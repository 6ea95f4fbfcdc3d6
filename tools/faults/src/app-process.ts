import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export type LogLine = Readonly<Record<string, unknown>>;

/** A program that is started again whenever it ends, as a container host would do. */
export interface AppProcess {
  readonly name: string;
  /** How often it ended without having been asked to. */
  readonly crashes: number;
  /** Kills it at once, as `kill -9` does. */
  kill(): void;
  /** Lets it stand still, and go on. */
  pause(): void;
  resume(): void;
  /** Resolves when the latest start is ready. */
  ready(): Promise<void>;
  /** Asks it to stop; kills it when it takes too long. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const restartPauseMs = 100;
const stopWithinMs = 30_000;

/** Starts a bundled app and keeps it running. @param onLog Hears each line of its log. */
export function keepRunning(options: {
  readonly name: string;
  /** The file of the program. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLog: (line: LogLine) => void;
}): AppProcess {
  const { name, file, environment, onLog } = options;
  const stopping = new AbortController();
  let child: ChildProcess;
  let crashes = 0;
  let isReady = false;
  const waiting = new Set<() => void>();

  const start = (): ChildProcess => {
    isReady = false;
    const started = spawn(process.execPath, ['--enable-source-maps', '--no-warnings', file], {
      env: {
        PATH: process.env['PATH'],
        NODE_PATH: join(process.cwd(), 'node_modules'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(started);
    createInterface({ input: started.stdout }).on('line', (text) => {
      const line = parse(text);
      if (line['msg'] === `${line['app']} is ready`) {
        isReady = true;
        for (const resolve of waiting) resolve();
        waiting.clear();
      }
      onLog(line);
    });
    createInterface({ input: started.stderr }).on('line', (text) =>
      onLog({ msg: text, stderr: true }),
    );
    return started;
  };

  child = start();
  const ended = (async () => {
    for (;;) {
      await once(child, 'close');
      running.delete(child);
      if (stopping.signal.aborted) return;
      crashes++;
      await sleep(restartPauseMs);
      if (stopping.signal.aborted) return;
      child = start();
    }
  })();

  return {
    name,
    get crashes() {
      return crashes;
    },
    kill: () => void child.kill('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    ready: () => (isReady ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    async stop() {
      stopping.abort();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function parse(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as LogLine) : { msg: text };
  } catch {
    return { msg: text };
  }
}
