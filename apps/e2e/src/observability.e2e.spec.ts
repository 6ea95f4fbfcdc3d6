import { defaultCampaign, photoId, requestId } from '@mosaicme/contracts';
import { metricDefinitions } from '@mosaicme/service';
import { startSimulator, type Simulator } from '@mosaicme/social-simulator';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOtlpCollector, type SentSpan } from './otlp-collector';
import { standaloneEnvironment } from './environment';
import { plasma } from './pictures';
import { startApp, type LogLine } from './processes';

jest.setTimeout(120_000);

let simulator: Simulator;
let folder: string;
let spans: readonly SentSpan[];
let logs: readonly LogLine[];
let metrics: string;
/** Of the one request that is made. */
let id: string;

/** One request goes through all apps; the tests look at what it left behind. */
beforeAll(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  const collector = await startOtlpCollector();
  const app = startApp('standalone', {
    ...standaloneEnvironment(simulator, folder),
    LOG_LEVEL: 'debug',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
  });
  await app.line((line) => line.msg === 'the gallery is open');
  for (let seed = 0; seed < 80; seed++) {
    await simulator.post({ handle: 'ada', text: '#Cloud', photos: [await plasma(seed)] });
  }
  const post = await simulator.post({
    handle: 'guest',
    text: '@mosaicme #mosaicme',
    photos: [await plasma(900, 200)],
  });
  const source = { network: 'x', instance: 'x.com', postId: post.id, mediaIndex: 0 } as const;
  id = requestId(defaultCampaign, photoId(source));
  await app.line(
    (line) =>
      line['correlationId'] === id &&
      line['event'] === 'mosaic.answered.v1' &&
      line.msg === 'handled',
  );
  await app.line(
    (line) =>
      line['correlationId'] === id &&
      line['event'] === 'mosaic.rendered.v1' &&
      line.msg === 'handled',
  );
  metrics = await (await fetch(`${await app.healthUrl()}/metrics`)).text();
  await app.stop();
  logs = app.logs;
  spans = collector.spans;
  await collector.close();
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

it('leaves one trace through all apps, from post to answer', () => {
  const start = spans.find(({ name }) => name === 'publish mosaic.requested.v1');
  const trace = spans.filter(({ traceId }) => traceId === start?.traceId);
  const steps = trace.map(({ service, name }) => `${service}: ${name}`);

  expect(steps).toEqual(
    expect.arrayContaining([
      'collector: ingest',
      'collector: store put',
      'collector: publish mosaic.requested.v1',
      'sync-downloader: consume prepare',
      'sync-downloader: handle mosaic.requested.v1',
      'sync-downloader: publish mosaic.prepared.v1',
      'engine: consume render',
      'engine: handle mosaic.prepared.v1',
      'engine: store putStream',
      'engine: publish mosaic.rendered.v1',
      'sync-uploader: handle mosaic.rendered.v1',
      'sync-uploader: store put',
      'sync-uploader: publish mosaic.published.v1',
      'sync-uploader: answer',
      'sync-uploader: publish mosaic.answered.v1',
      'cacher: handle mosaic.published.v1',
      'cacher: handle mosaic.answered.v1',
    ]),
  );
});

it('leaves no span without its parent, except the post', () => {
  const start = spans.find(({ name }) => name === 'publish mosaic.requested.v1');
  const trace = spans.filter(({ traceId }) => traceId === start?.traceId);
  const known = new Set(trace.map(({ spanId }) => spanId));
  const orphans = trace.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''));
  expect(orphans.map(({ name }) => name)).toEqual(['ingest']);
});

it('puts the id of the request on every log line about it, in every app', () => {
  const about = logs.filter((line) => JSON.stringify(line).includes(id));
  expect(about.filter((line) => line['correlationId'] !== id)).toEqual([]);
  // The embedded broker is no app; it says that a request waits for tiles.
  expect(new Set(about.flatMap((line) => line['app'] ?? []))).toEqual(
    new Set(['collector', 'sync-downloader', 'engine', 'sync-uploader', 'cacher']),
  );
});

it('shows every metric of every app on one page', () => {
  for (const name of Object.keys(metricDefinitions)) {
    expect(metrics).toContain(`# TYPE ${name} `);
  }
  for (const [app, queue, event] of [
    ['sync-downloader', 'prepare', 'mosaic.requested.v1'],
    ['engine', 'render', 'mosaic.prepared.v1'],
    ['sync-uploader', 'publish', 'mosaic.rendered.v1'],
    ['cacher', 'catalogue', 'mosaic.published.v1'],
  ]) {
    expect(metrics).toContain(
      `mosaicme_handler_seconds_count{app="${app}",queue="${queue}",event="${event}",outcome="handled"} 1`,
    );
  }
  expect(metrics).toMatch(/^mosaicme_tiles\{app="engine"\} [1-9]\d+$/m);
  expect(metrics).toMatch(/^mosaicme_tile_reads_total\{app="engine",source="store"\} [1-9]/m);
  expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m);
});
