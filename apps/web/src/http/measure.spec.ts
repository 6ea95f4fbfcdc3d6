import { createMetricsPage } from '@mosaicme/service';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { measureHttp } from './measure';

let server: Server | undefined;
afterEach(() => new Promise((resolve) => server?.close(resolve)));

/** @returns what the page counts after these answers were out */
async function countsAfter(handler: RequestListener, requests: readonly RequestInit[]) {
  const page = createMetricsPage();
  const closed: Promise<unknown>[] = [];
  const measured = measureHttp(page.forApp('web'), handler);
  server = createServer((request, response) => {
    measured(request, response);
    closed.push(new Promise((resolve) => response.once('close', resolve)));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const request of requests) {
    await (await fetch(`http://127.0.0.1:${port}/mosaic/1`, request)).text();
  }
  await Promise.all(closed);
  const { body } = await page.render();
  return body.split('\n').filter((line) => line.startsWith('mosaicme_http_seconds_count'));
}

it('counts answers by method and class of status, never by address', async () => {
  const handler: RequestListener = (request, response) => {
    response.statusCode = request.method === 'GET' ? 503 : 200;
    response.end('answer');
  };
  expect(await countsAfter(handler, [{}, {}, { method: 'POST' }, { method: 'PATCH' }])).toEqual([
    'mosaicme_http_seconds_count{app="web",method="GET",status="5xx"} 2',
    'mosaicme_http_seconds_count{app="web",method="POST",status="2xx"} 1',
    'mosaicme_http_seconds_count{app="web",method="other",status="2xx"} 1',
  ]);
});

it('leaves live connections out', async () => {
  const handler: RequestListener = (_request, response) => {
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8').end('data: 1\n\n');
  };
  expect(await countsAfter(handler, [{}])).toEqual([]);
});
