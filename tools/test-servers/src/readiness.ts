import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TiedProcess } from './tied-process';

const pauseMs = 25;

/**
 * Tries `check` until it resolves.
 * @throws Error with the process's last words when it ends before, or after `timeoutMs`.
 */
export async function untilReady(
  title: string,
  server: TiedProcess,
  timeoutMs: number,
  check: () => Promise<unknown>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (cause) {
      const isLate = Date.now() > deadline;
      if (isLate || server.ended.aborted) {
        const what = isLate ? `was not ready in ${timeoutMs} ms` : 'ended before it was ready';
        throw new Error(`${title} ${what}:\n${server.lastWords()}`, { cause });
      }
      await pause(pauseMs);
    }
  }
}

/**
 * Connects to a port of this machine, says something and hears the answer.
 * @param request What to say; nothing unless given, and then the connection itself is enough.
 * @throws Error when nobody listens.
 */
export function ask(port: number, request?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(2_000, () => socket.destroy(new Error(`port ${port} does not answer`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      if (request !== undefined) socket.write(request);
      else socket.end(() => resolve(''));
    });
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString());
    });
  });
}
