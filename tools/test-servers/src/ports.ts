import { createServer } from 'node:net';

/**
 * Below the range that systems give to outgoing connections (from 32,768 on Linux), so that no
 * connection takes a port between its choice and its use.
 */
const firstPort = 20_000;
const lastPort = 32_000;

const host = '127.0.0.1';

/** Ports that this process has given out. */
const given = new Set<number>();

/** Ports to try, from a random one upward, each once. @param random From 0 up to and without 1. */
export function* portCandidates(random: number): Generator<number> {
  const count = lastPort - firstPort;
  const start = Math.floor(random * count);
  for (let step = 0; step < count; step += 1) yield firstPort + ((start + step) % count);
}

/**
 * Chooses ports that nobody listens on, on 127.0.0.1, and that were not given out before.
 * @param isFree Tests a port; by listening on it unless given.
 * @throws Error when there are not enough.
 */
export async function freePorts<Names extends string>(
  names: readonly Names[],
  isFree: (port: number) => Promise<boolean> = canListen,
): Promise<Record<Names, number>> {
  const chosen: [Names, number][] = [];
  const waiting = [...names];
  for (const port of portCandidates(Math.random())) {
    const name = waiting[0];
    if (name === undefined) break;
    if (given.has(port)) continue;
    // Taken before it is tested, so that a call beside this one does not choose it too.
    given.add(port);
    if (!(await isFree(port))) continue;
    chosen.push([name, port]);
    waiting.shift();
  }
  if (waiting.length > 0) {
    throw new Error(
      `No port from ${firstPort} to ${lastPort - 1} on ${host} is free for ${waiting.join(', ')}.`,
    );
  }
  return Object.fromEntries(chosen) as Record<Names, number>;
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
