import { spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { guideEnvironment } from './environment';
import { eventually, startApp } from './processes';

jest.setTimeout(120_000);

const root = join(__dirname, '../../..');

it.each(['collector', 'sync-downloader', 'engine', 'sync-uploader', 'cacher', 'janitor', 'web'])(
  'a wrong configuration stops %s at once with the full list',
  async (app) => {
    const process = startApp(app, { ...guideEnvironment(), S3_HOST: '', RABBITMQ_PORT: 'many' });
    expect(await process.exit).toBe(78);
    expect(process.errors()).toContain('S3_HOST is not set');
    expect(process.errors()).toContain("RABBITMQ_PORT is 'many'; expected a port, 0 to 65535");
  },
);

it('runs an app by its Nx target', () => {
  const { status, stdout, stderr } = spawnSync('npx', ['nx', 'serve', 'engine'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', S3_HOST: '', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: '' },
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain('S3_SECRET_KEY is not set');
});

it('waits for a broker that is not there yet and becomes ready when it comes', async () => {
  const environment = guideEnvironment();
  const broker = { host: environment.RABBITMQ_HOST, port: Number(environment.RABBITMQ_PORT) };
  const proxy = createServer((client) => {
    const server = connect(broker);
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  const port = await freePort();
  const app = startApp('cacher', {
    ...environment,
    RABBITMQ_HOST: '127.0.0.1',
    RABBITMQ_PORT: String(port),
  });
  const health = await app.healthUrl();
  await app.line((line) => String(line['level']) === 'warn' && line.msg!.includes(String(port)));
  expect((await fetch(`${health}/healthz`)).status).toBe(200);
  expect((await fetch(`${health}/readyz`)).status).toBe(503);

  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  await app.ready();
  expect(await app.stop()).toBe(0);
  await new Promise((resolve) => proxy.close(resolve));
});

it('waits for an object store that is not there yet, saying which', async () => {
  const port = await freePort();
  const app = startApp('cacher', {
    ...guideEnvironment(),
    S3_HOST: '127.0.0.1',
    S3_PORT: String(port),
  });
  await app.line((line) => String(line.msg).includes(`127.0.0.1:${port}`));
  const health = await app.healthUrl();
  await eventually('it says what is missing', async () => {
    const body = await (await fetch(`${health}/readyz`)).text();
    expect(body).toContain(`127.0.0.1:${port}`);
  });
  expect(await app.stop()).toBe(0);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
