import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { silentLogger } from '@mosaicme/service';
import { Redis } from 'ioredis';
import { controlledEntries, describeCatalogue, idOf, mosaicOf } from '../conformance';
import type { Catalogue, CatalogueEntry } from '../port';
import { createRedisCatalogue, type RedisCatalogueOptions } from './redis-catalogue';

/** Where the test server is. A missing server fails the run; it never skips it. */
function testServer() {
  const text = process.env.MOSAICME_TEST_REDIS_URL;
  if (!text) {
    throw new Error(
      'MOSAICME_TEST_REDIS_URL is not set. Run `npm test`, or set it to redis://host:port/db.',
    );
  }
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    db: Number(url.pathname.slice(1) || 0),
    password: decodeURIComponent(url.password) || undefined,
  };
}

const newPrefix = (): string => `test:${randomUUID()}:`;

function open(options: Partial<RedisCatalogueOptions> = {}): Catalogue {
  return createRedisCatalogue({
    ...testServer(),
    keyPrefix: newPrefix(),
    logger: silentLogger,
    ...options,
  });
}

/** A plain client. What it does to keys under a prefix stands for what may befall the server. */
async function withClient<Result>(task: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis({ ...testServer(), protocol: 2 });
  try {
    return await task(redis);
  } finally {
    redis.disconnect();
  }
}

const keysUnder = (prefix: string): Promise<string[]> =>
  withClient((redis) => redis.keys(`${prefix}*`));

/** What FLUSHDB does to this catalogue, without harm to others on the same server. */
async function flush(prefix: string): Promise<void> {
  const keys = await keysUnder(prefix);
  await withClient((redis) => redis.del(...keys));
}

async function* entriesOf(...names: readonly string[]): AsyncGenerator<CatalogueEntry> {
  for (const name of names) yield { mosaic: mosaicOf(name) };
}

describeCatalogue('Redis catalogue', async () => open());

describe('Redis catalogue on a real server', () => {
  let prefix: string;
  let catalogue: Catalogue;
  beforeEach(() => {
    prefix = newPrefix();
    catalogue = open({ keyPrefix: prefix });
  });
  afterEach(async () => {
    await catalogue.close();
  });

  it('goes on when the server has forgotten its scripts', async () => {
    await catalogue.addMosaic(mosaicOf('a'));
    await withClient((redis) => redis.script('FLUSH'));
    await catalogue.addMosaic(mosaicOf('b'));
    expect(await catalogue.count()).toBe(2);
  });

  it('is shared by all that use the same prefix', async () => {
    await catalogue.addMosaic(mosaicOf('a'));
    const other = open({ keyPrefix: prefix });
    expect(await other.count()).toBe(1);
    await other.close();
  });

  it('is empty after a flush, takes what is new, and is whole again after a rebuild', async () => {
    await catalogue.rebuild(entriesOf('a', 'b'));
    await flush(prefix);
    expect(await catalogue.isEmpty()).toBe(true);
    expect(await catalogue.list({ limit: 10 })).toEqual({ entries: [] });
    expect(await catalogue.count()).toBe(0);
    await catalogue.addMosaic(mosaicOf('c', 1));
    expect(await catalogue.isEmpty()).toBe(true);
    expect(await catalogue.rebuild(entriesOf('a', 'b', 'c'))).toEqual({ count: 3 });
    expect(await catalogue.isEmpty()).toBe(false);
  });

  it('says so when the content is lost during a rebuild, and can be rebuilt at once', async () => {
    const source = controlledEntries();
    const rebuild = catalogue.rebuild(source.entries);
    await source.begun;
    await flush(prefix);
    const failed = expect(rebuild).rejects.toMatchObject({
      name: 'TransientError',
      code: 'catalogue.rebuild-lost',
    });
    source.give({ mosaic: mosaicOf('a') });
    source.end();
    await failed;
    expect(await catalogue.isEmpty()).toBe(true);
    expect(await catalogue.rebuild(entriesOf('a'))).toEqual({ count: 1 });
  });

  it('keeps its place in a rebuild whose source is slower than the lease', async () => {
    const slow = open({ keyPrefix: prefix, rebuildLeaseMs: 150 });
    const source = controlledEntries();
    const rebuild = slow.rebuild(source.entries);
    await source.begun;
    // Six renewals, each after a third of the lease, are twice its length.
    await withClient(async (redis) => {
      let before = await redis.pttl(`${prefix}next`);
      for (let renewals = 0; renewals < 6;) {
        const left = await redis.pttl(`${prefix}next`);
        expect(left).toBeGreaterThan(0);
        if (left > before) renewals += 1;
        before = left;
      }
    });
    source.give({ mosaic: mosaicOf('a') });
    source.end();
    expect(await rebuild).toEqual({ count: 1 });
    await slow.close();
  });

  it('lets the next rebuild begin, and clean up, after one that crashed', async () => {
    const crashing = open({ keyPrefix: prefix, rebuildLeaseMs: 200 });
    const source = controlledEntries();
    const rebuild = crashing.rebuild(source.entries);
    const failed = expect(rebuild).rejects.toMatchObject({ code: 'catalogue.unavailable' });
    await source.begun;
    await crashing.addMosaic(mosaicOf('added'));
    await crashing.close();
    expect(await catalogue.isRebuilding()).toBe(true);
    while (await catalogue.isRebuilding());
    expect(await catalogue.rebuild(entriesOf('added', 'b'))).toEqual({ count: 2 });
    expect(await catalogue.get(idOf('b'))).toBeDefined();
    const keys = await keysUnder(prefix);
    expect(keys.map((key) => key.slice(prefix.length).replace(/^[\w-]{36}/, '*')).sort()).toEqual([
      '*:campaigns',
      '*:mosaics',
      '*:order',
      '*:order:default',
      '*:said',
      'current',
    ]);
    source.give({ mosaic: mosaicOf('late') });
    source.end();
    await failed;
  });

  it('leaves no old generation behind', async () => {
    for (let round = 0; round < 3; round += 1) await catalogue.rebuild(entriesOf('a', 'b'));
    expect(await keysUnder(prefix)).toHaveLength(6);
  });

  it('fails while the connection is cut, and works again when it stands', async () => {
    const { host, port } = testServer();
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): Socket => {
      sockets.add(socket);
      return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    };
    const proxy = createServer((client) => {
      const server = keep(connect(port, host));
      keep(client).pipe(server).pipe(client);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxied = open({
      keyPrefix: prefix,
      host: '127.0.0.1',
      port: address.port,
      timeoutMs: 1_000,
    });

    await proxied.addMosaic(mosaicOf('a'));
    proxy.close();
    for (const socket of sockets) socket.destroy();
    await expect(proxied.count()).rejects.toMatchObject({ code: 'catalogue.unavailable' });
    proxy.listen(address.port, '127.0.0.1');
    await once(proxy, 'listening');
    let count: number | undefined;
    while (count === undefined) count = await proxied.count().catch(() => undefined);
    expect(count).toBe(1);
    await proxied.close();
    proxy.close();
  });
});
