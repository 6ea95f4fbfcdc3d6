import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { inspect } from 'node:util';
import type { Logger } from '@mosaicme/service';
import { mosaicOf } from '../conformance';
import type { Catalogue } from '../port';
import { createRedisCatalogue } from './redis-catalogue';

const timeoutMs = 150;

function recordingLogger() {
  const lines: string[] = [];
  const say =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push(`${level}: ${message} ${inspect(fields, { depth: 10 })}`);
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
      expect.stringContaining('Redis does not answer; trying on'),
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

  it('a wrong password is said to be one, and is not told to anybody', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        const commands = data.toString().match(/^\*\d/gm) ?? [];
        socket.write(
          '-WRONGPASS invalid username-password pair or user is disabled.\r\n'.repeat(
            commands.length,
          ),
        );
      });
    });
    const port = await listen(server);
    const { logger, lines } = recordingLogger();
    const password = 'correct horse';
    const catalogue = createRedisCatalogue({
      host: '127.0.0.1',
      port,
      password,
      logger,
      timeoutMs,
    });
    const error: unknown = await catalogue.ping().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      name: 'PermanentError',
      code: 'catalogue.denied',
      message: expect.stringContaining('REDIS_PASSWORD'),
    });
    expect(inspect([error, lines], { depth: 10 })).not.toContain(password);
    await catalogue.close();
    server.close();
  });

  it('closing ends what waits, and what comes later fails too', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    const port = await listen(server);
    const { logger } = recordingLogger();
    const catalogue = createRedisCatalogue({ host: '127.0.0.1', port, logger, timeoutMs: 60_000 });
    const error = { code: 'catalogue.unavailable', message: expect.stringContaining('is closed') };
    const waiting = expect(catalogue.ping()).rejects.toMatchObject(error);
    await catalogue.close();
    await waiting;
    await expect(catalogue.ping()).rejects.toMatchObject(error);
    server.close();
  });
});
