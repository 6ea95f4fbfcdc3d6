import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Node 20 is enough for now; the SDK's notice of its next version is not the test's business. */
const quiet = {
  PATH: process.env['PATH'],
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

const root = join(__dirname, '../../..');

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** An app that runs as a process of its own. */
export interface AppProcess {
  readonly app: string;
  readonly logs: readonly LogLine[];
  /** All that it wrote to standard error. */
  readonly errors: () => string;
  /** The first log line that fits, also one of before; rejects when the process ends without it. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** Address of the health page. */
  healthUrl(): Promise<string>;
  /** Resolves when `/readyz` says 200. */
  ready(): Promise<void>;
  /** Sends a signal and resolves with the exit code, by the shell's rule for signals. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  readonly exit: Promise<number>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a bundled app (`npm run build` makes the bundles). */
export function startApp(app: string, environment: Readonly<Record<string, string>>): AppProcess {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(root, 'dist/apps', app, 'main.js')],
    {
      cwd: root,
      env: { ...quiet, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  const logs: LogLine[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((notify) => notify());
  let errors = '';
  let ended = false;
  createInterface({ input: child.stdout }).on('line', (text) => {
    logs.push(parse(text));
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exit = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    ended = true;
    wake();
    return (code as number | null) ?? (signal === 'SIGKILL' ? 137 : 143);
  });

  const line = (fits: (line: LogLine) => boolean) =>
    new Promise<LogLine>((resolve, reject) => {
      const look = () => {
        const found = logs.find(fits);
        if (!found && !ended) return;
        waiting.delete(look);
        if (found) resolve(found);
        else reject(new Error(`${app} ended without the line.\n${errors}\n${tail(logs)}`));
      };
      waiting.add(look);
      look();
    });
  const healthUrl = async () =>
    String((await line((entry) => typeof entry['healthUrl'] === 'string'))['healthUrl']);

  return {
    app,
    logs,
    errors: () => errors,
    line,
    healthUrl,
    exit,
    async ready() {
      const url = `${await healthUrl()}/readyz`;
      await eventually(`${app} is ready`, async () => {
        if (ended) throw new Error(`${app} ended.\n${errors}`);
        const response = await fetch(url);
        if (response.status !== 200) throw new Error(await response.text());
      });
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exit;
    },
  };
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
}

const tail = (logs: readonly LogLine[]) =>
  logs
    .slice(-20)
    .map((entry) => JSON.stringify(entry))
    .join('\n');

/** Tries until it passes; the last error when it does not in time. */
export async function eventually<Value>(
  what: string,
  attempt: () => Promise<Value>,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Not in time: ${what}`, { cause: error });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
