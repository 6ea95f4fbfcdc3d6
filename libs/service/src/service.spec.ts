import { createServer } from 'node:net';
import { silentLogger } from './logger';
import { startService, type RunningService, type ServiceOptions } from './service';

const running: RunningService[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

async function start(
  startUp: ServiceOptions['start'],
  healthPort = 0,
): Promise<RunningService & { readonly healthUrl: string }> {
  const service = await startService({
    app: 'test',
    settings: {
      logLevel: 'info',
      healthHost: '127.0.0.1',
      healthPort,
      shutdownSeconds: 1,
    },
    logger: silentLogger,
    start: startUp,
  });
  running.push(service);
  return service as RunningService & { readonly healthUrl: string };
}

const statusOf = async (url: string) => (await fetch(url)).status;

it('lives before it is ready', async () => {
  let open: () => void = () => undefined;
  const service = await start(() => new Promise((resolve) => (open = resolve)));
  expect(await statusOf(`${service.healthUrl}/healthz`)).toBe(200);
  expect(await statusOf(`${service.healthUrl}/readyz`)).toBe(503);
  open();
  await service.ready;
  expect(await statusOf(`${service.healthUrl}/readyz`)).toBe(200);
});

it('names the check that fails', async () => {
  const service = await start(async ({ addCheck }) =>
    addCheck('broker', () => {
      throw new Error('not connected');
    }),
  );
  await service.ready;
  const response = await fetch(`${service.healthUrl}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    checks: { broker: 'not connected', started: 'ok' },
  });
});

it('says that it failed when it cannot start', async () => {
  const service = await start(() => Promise.reject(new Error('denied')));
  await expect(service.ready).rejects.toThrow('denied');
  expect(await service.failed).toEqual(new Error('denied'));
});

it('says that it failed when it cannot go on', async () => {
  const service = await start(async ({ fail }) => fail(new Error('credentials revoked')));
  await service.ready;
  expect(await service.failed).toEqual(new Error('credentials revoked'));
});

it('stops a start that still waits', async () => {
  const service = await start(
    ({ signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
  );
  await service.close();
  await expect(service.ready).rejects.toThrow('stops');
});

it('closes its parts in reverse order, the health page last', async () => {
  const closed: string[] = [];
  const service = await start(async ({ onStop }) => {
    onStop('connection', async () => {
      closed.push(`connection while health says ${await statusOf(`${url}/healthz`)}`);
    });
    onStop('consumer', () => void closed.push('consumer'));
  });
  const url = service.healthUrl;
  await service.ready;
  await service.close();
  expect(closed).toEqual(['consumer', 'connection while health says 200']);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

it('names the port that it cannot have, and the variable', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await expect(start(async () => undefined, port)).rejects.toThrow(
    new RegExp(`127.0.0.1:${port}.*HEALTH_PORT`),
  );
  await new Promise((resolve) => other.close(resolve));
});

it('tells Prometheus whether it does its work', async () => {
  let open: () => void = () => undefined;
  const service = await start(() => new Promise((resolve) => (open = resolve)));
  const metrics = async () => (await fetch(`${service.healthUrl}/metrics`)).text();
  expect(await metrics()).toContain('mosaicme_service_ready{app="test"} 0\n');
  open();
  await service.ready;
  expect(await metrics()).toContain('mosaicme_service_ready{app="test"} 1\n');
});
