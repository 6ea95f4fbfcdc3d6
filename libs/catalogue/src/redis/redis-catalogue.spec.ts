import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Logger } from '@mosaicme/service';
import { mosaicOf } from '../conformance';
import type { Catalogue } from '../port';
import { createRedisCatalogue } from './redis-catalogue';

const timeoutMs = 150;

function recordingLogger() {
  const lines: string[] = [];
  const say =
    (level: string) =>
    (_fields: object, message: string): void => {
      lines.push(`${level}: ${message}`);
    };
  const logger: Logger = {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: () => logger,
  };
  return { logger, lines };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const calls: Record<string, (catalogue: Catalogue) => Promise<unknown>> = {
  ping: (catalogue) => catalogue.ping(),
  addMosaic: (catalogue) => catalogue.addMosaic(mosaicOf('a')),
  list: (catalogue) => catalogue.list({ limit: 1 }),
  isEmpty: (catalogue) => catalogue.isEmpty(),
  rebuild: (catalogue) => catalogue.rebuild((async function* () {})()),
};

describe('while Redis is away', () => {
  it.each(Object.keys(calls))('%s fails in bounded time and names the server', async (name) => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { logger, lines } = recordingLogger();
    const catalogue = createRedisCatalogue({ host: '127.0.0.1', port, logger, timeoutMs });
    await expect(calls[name]?.(catalogue)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'catalogue.unavailable',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await catalogue.close();
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: Redis does not answer; trying on',
    ]);
  });

  it('a server that accepts and never answers counts as away', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    const port = await listen(server);
    const { logger } = recordingLogger();
    const catalogue = createRedisCatalogue({ host: '127.0.0.1', port, logger, timeoutMs });
    await expect(catalogue.ping()).rejects.toMatchObject({ code: 'catalogue.unavailable' });
    await catalogue.close();
    server.close();
  });

  it('a closed catalogue says so at once', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    const { logger } = recordingLogger();
    const catalogue = createRedisCatalogue({ host: '127.0.0.1', port, logger });
    await catalogue.close();
    await expect(catalogue.ping()).rejects.toMatchObject({ code: 'catalogue.unavailable' });
  });
});
