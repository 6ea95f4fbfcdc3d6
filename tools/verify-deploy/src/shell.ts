import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to its standard input. */
  readonly input?: string;
  /** After so long it is killed, and all that it started. */
  readonly timeoutSeconds?: number;
}

const keptCharacters = 2_000_000;
/** Lines of output in an error message. */
const lastLines = 25;

/**
 * Runs a program to its end. @returns what it wrote to standard output, without the last line break.
 *
 * @throws Error with the last lines of all that it wrote, when it fails or takes too long.
 */
export function run(
  program: string,
  parameters: readonly string[],
  { cwd, environment = {}, input = '', timeoutSeconds = 120 }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd,
      env: { ...process.env, ...environment },
      // A group of its own, so that its children can be ended with it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let all = '';
    let isLate = false;
    const hear = (text: string): void => {
      all = (all + text).slice(-keptCharacters);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(-keptCharacters);
      hear(text);
    });
    child.stderr.setEncoding('utf8').on('data', hear);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeoutSeconds * 1_000);
    const fail = (why: string) => {
      const words = all.trim().split('\n').slice(-lastLines).join('\n');
      reject(new Error(`${[program, ...parameters].join(' ').slice(0, 300)}: ${why}\n${words}`));
    };
    child.once('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (isLate) fail(`not done in ${timeoutSeconds} s`);
      else if (code === 0) resolve(out.trimEnd());
      else fail(`ended with ${code ?? signal}`);
    });
  });
}

/** Does it work? */
export const succeeds = (
  program: string,
  parameters: readonly string[],
  options?: RunOptions,
): Promise<boolean> =>
  run(program, parameters, options).then(
    () => true,
    () => false,
  );

/** Tries until it resolves. @throws Error with the last reason, when that is not in time. */
export async function eventually<Value>(
  what: string,
  attempt: () => Promise<Value>,
  { timeoutSeconds, pauseMs = 250 }: { timeoutSeconds: number; pauseMs?: number },
): Promise<Value> {
  const deadline = performance.now() + timeoutSeconds * 1_000;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (performance.now() > deadline) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Not within ${timeoutSeconds} s: ${what}. ${reason}`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
