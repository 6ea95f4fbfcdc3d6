import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Ties a server's life to ours. This shell, the leader of a process group, waits for its standard input
 * to end, which happens when we close it, and also when we are killed: then it kills its whole group.
 * The server may fork as it likes, as long as it stays in the group.
 */
const warden = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -KILL 0; } </dev/null &
exec 3<&-
wait "$server"
`;

/** Characters of output that are kept for error messages. */
const keptOutput = 20_000;

export interface TiedProcess {
  /** Resolves when the output holds `text`. @throws Error with the output when it ends before, or is late. */
  untilSays(text: string, timeoutMs: number): Promise<void>;
  /** Aborted when the process has ended, asked or not, and all its output was heard. */
  readonly ended: AbortSignal;
  /** The last lines that it wrote. */
  lastWords(): string;
  /** Kills the process and all that it started; resolves when they are gone. */
  stop(): Promise<void>;
}

/** Starts a program that ends when this process ends, however that happens. */
export function startTied(
  command: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
): TiedProcess {
  const child = spawn('/bin/sh', ['-c', warden, 'warden', command, ...parameters], {
    detached: true,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new AbortController();
  // All processes of the group hold our end of the output; it closes when the last one is gone.
  const closed = once(child, 'close');
  let output = '';
  const listeners = new Set<() => void>();
  const hear = (piece: Buffer): void => {
    output = (output + piece.toString()).slice(-keptOutput);
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  // Writing is never tried, but closing may meet a pipe whose other end is gone.
  child.stdin.on('error', () => undefined);
  child.once('exit', () => child.stdin.end());
  child.once('close', () => ended.abort());

  const lastWords = (): string => output.trim().split('\n').slice(-15).join('\n');

  return {
    ended: ended.signal,
    lastWords,

    untilSays: (text, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error): void => {
          clearTimeout(timer);
          listeners.delete(look);
          ended.signal.removeEventListener('abort', endedEarly);
          if (error) reject(error);
          else resolve();
        };
        const look = (): void => {
          if (output.includes(text)) finish();
        };
        const endedEarly = (): void =>
          finish(new Error(`'${command}' ended before it was ready:\n${lastWords()}`));
        const timer = setTimeout(
          () => finish(new Error(`'${command}' was not ready in ${timeoutMs} ms:\n${lastWords()}`)),
          timeoutMs,
        );
        listeners.add(look);
        ended.signal.addEventListener('abort', endedEarly);
        if (ended.signal.aborted) endedEarly();
        else look();
      }),

    stop: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
