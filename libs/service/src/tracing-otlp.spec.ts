import { TransientError } from '@mosaicme/errors';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from './logger';
import { noTracing, type Tracing } from './tracing';
import { openTracing } from './tracing-otlp';

/** As much of the JSON form of OTLP as the tests look at. */
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: object }[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { key: string; value: object }[];
  readonly status: { readonly code: number; readonly message?: string };
}

let collector: Server;
let requests: ExportRequest[];
let tracing: Tracing;

beforeEach(async () => {
  requests = [];
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push(JSON.parse(Buffer.concat(chunks).toString()) as ExportRequest);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  tracing = openTracing({
    endpoint: `http://127.0.0.1:${port}`,
    app: 'engine',
    instance: 'engine-1',
    version: '1.2.3',
    logger: silentLogger,
  });
});
afterEach(async () => {
  await tracing.close();
  await new Promise((resolve) => collector.close(resolve));
});

async function sent(): Promise<readonly SentSpan[]> {
  await tracing.close();
  return requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

it('continues the trace of another process, span within span', async () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const inner = await tracing.span('consume', { kind: 'consumer', parent }, () =>
    tracing.span('store put', {}, async ({ traceparent }) => traceparent),
  );

  const [put, consume] = await sent();
  expect(consume).toMatchObject({
    name: 'consume',
    kind: 5,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
  });
  expect(put).toMatchObject({
    name: 'store put',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: consume?.spanId,
  });
  expect(inner).toBe(`00-${put?.traceId}-${put?.spanId}-01`);
});

it('marks the span of work that failed with the code of its error', async () => {
  const busy = new TransientError('test.busy', 'Busy for a test.');
  await expect(
    tracing.span('handle', { attributes: { attempt: 2 } }, () => Promise.reject(busy)),
  ).rejects.toBe(busy);

  const [span] = await sent();
  expect(span).toMatchObject({ status: { code: 2, message: 'Busy for a test.' } });
  expect(span?.attributes).toEqual(
    expect.arrayContaining([
      { key: 'attempt', value: { intValue: 2 } },
      { key: 'error.type', value: { stringValue: 'test.busy' } },
    ]),
  );
});

it('says which app and which instance the spans are from', async () => {
  await tracing.span('handle', {}, async () => undefined);
  await sent();
  expect(requests[0]?.resourceSpans[0]?.resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'engine' } },
      { key: 'service.instance.id', value: { stringValue: 'engine-1' } },
    ]),
  );
});

it('does the work in any case: what is active here is no parent of unrelated work', async () => {
  await tracing.span('one', {}, async () => undefined);
  await tracing.span('two', { parent: 'nonsense' }, async () => undefined);
  const [one, two] = await sent();
  expect(two?.parentSpanId).toBeFalsy();
  expect(two?.traceId).not.toBe(one?.traceId);
});

it('makes no span of what belongs to no request', async () => {
  const quiet = { insideOnly: true };
  expect(await tracing.span('store get', quiet, async () => 'done')).toBe('done');
  await tracing.span('handle', {}, () => tracing.span('store put', quiet, async () => undefined));
  expect((await sent()).map(({ name }) => name)).toEqual(['store put', 'handle']);
});

it('does the work and nothing else where there is no endpoint', async () => {
  const result = await noTracing.span('handle', {}, async ({ traceparent }) => ({ traceparent }));
  expect(result).toEqual({ traceparent: undefined });
});
