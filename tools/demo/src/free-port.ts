import { createServer } from 'node:net';

/** The port itself when nobody listens on it, else the next free one above it; 0 stays 0. */
export async function freePortFrom(port: number, host: string): Promise<number> {
  for (let candidate = port; candidate < port + 100 && candidate <= 65_535; candidate++) {
    if (await isFree(candidate, host)) return candidate;
  }
  throw new Error(`The ports ${port} to ${port + 99} are all taken; choose another with --port.`);
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
