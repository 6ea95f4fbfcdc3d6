import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deadline } from '@mosaicme/async';
import { messageOf, PermanentError } from '@mosaicme/errors';
import type { MetricsPage } from './metrics/page';

/** Resolves when a part is usable, throws saying why it is not. */
export type HealthCheck = () => Promise<void> | void;

export interface HealthServer {
  /** `http://host:port` without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

interface Pages {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly metrics?: MetricsPage;
}

const checkTimeoutMs = 3_000;

/**
 * Serves `/healthz` (the process lives: restart it when this fails) and `/readyz` (all checks pass:
 * send work only then), both as JSON, and `/metrics` for Prometheus.
 *
 * @throws PermanentError when the port cannot be had.
 */
export async function startHealthServer(options: {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** Without it there is no `/metrics`. */
  readonly metrics?: MetricsPage;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PermanentError(
          'health.port',
          `The health page cannot listen on ${options.host}:${options.port} (${cause.message}); set HEALTH_PORT to a free port, or to 0.`,
          { cause },
        ),
      ),
    );
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { checks, metrics }: Pages,
): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path === '/metrics' && metrics) {
    const { contentType, body } = await metrics.render();
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' });
    response.end(body);
    return;
  }
  if (path === '/healthz') return send(response, 200, { status: 'ok' });
  if (path !== '/readyz') {
    return send(response, 404, { error: 'There are /healthz, /readyz and /metrics here.' });
  }
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
  );
  const ready = results.every(([, result]) => result === 'ok');
  send(response, ready ? 200 : 503, {
    status: ready ? 'ok' : 'not ready',
    checks: Object.fromEntries(results),
  });
}

async function outcome(check: HealthCheck): Promise<string> {
  try {
    await deadline(async () => check(), { ms: checkTimeoutMs });
    return 'ok';
  } catch (error) {
    return messageOf(error);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(body)}\n`);
}
