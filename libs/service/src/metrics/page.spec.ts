import { createMetricsPage } from './page';

const linesOf = async (page: ReturnType<typeof createMetricsPage>, name: string) =>
  (await page.render()).body.split('\n').filter((line) => line.startsWith(name));

it('shows what several services of a process record, by app', async () => {
  const page = createMetricsPage();
  page.forApp('engine').count('mosaicme_retries_total', { queue: 'engine', event: 'a' }, 2);
  page.forApp('cacher').count('mosaicme_retries_total', { queue: 'done', event: 'b' });

  expect(await linesOf(page, 'mosaicme_retries_total')).toEqual([
    'mosaicme_retries_total{app="engine",queue="engine",event="a"} 2',
    'mosaicme_retries_total{app="cacher",queue="done",event="b"} 1',
  ]);
});

it('shows a gauge as it is when the page is asked for, until it is ended', async () => {
  const page = createMetricsPage();
  let inFlight = 3;
  const end = page
    .forApp('engine')
    .gauge('mosaicme_messages_in_flight', { queue: 'in' }, () => inFlight);
  expect(await linesOf(page, 'mosaicme_messages_in_flight')).toEqual([
    'mosaicme_messages_in_flight{app="engine",queue="in"} 3',
  ]);
  inFlight = 0;
  expect(await linesOf(page, 'mosaicme_messages_in_flight')).toEqual([
    'mosaicme_messages_in_flight{app="engine",queue="in"} 0',
  ]);
  end();
  expect(await linesOf(page, 'mosaicme_messages_in_flight')).toEqual([]);
});

it('adds up what several parts of a process say about the same', async () => {
  const page = createMetricsPage();
  const collector = page.forApp('collector');
  for (let n = 0; n < 2; n++) collector.gauge('mosaicme_service_ready', {}, () => 1);
  expect(await linesOf(page, 'mosaicme_service_ready')).toEqual([
    'mosaicme_service_ready{app="collector"} 2',
  ]);
});

it('leaves out a gauge that cannot be read, and shows the others', async () => {
  const page = createMetricsPage();
  const metrics = page.forApp('engine');
  metrics.gauge('mosaicme_tiles', {}, () => {
    throw new Error('closed');
  });
  metrics.gauge('mosaicme_tiles_needed', {}, () => undefined);
  metrics.gauge('mosaicme_libvips_bytes', {}, () => 7);
  expect(await linesOf(page, 'mosaicme_tiles')).toEqual([]);
  expect(await linesOf(page, 'mosaicme_libvips_bytes')).toEqual([
    'mosaicme_libvips_bytes{app="engine"} 7',
  ]);
});

it('puts times into buckets', async () => {
  const page = createMetricsPage();
  const labels = { operation: 'put', outcome: 'done' };
  page.forApp('engine').observe('mosaicme_store_seconds', labels, 0.02);
  const lines = await linesOf(page, 'mosaicme_store_seconds_bucket');
  expect(lines.map((line) => line.replace(/.*le="([^"]*)".* (\d+)$/, '$1 $2'))).toEqual([
    '0.003 0',
    '0.01 0',
    '0.03 1',
    '0.1 1',
    '0.3 1',
    '1 1',
    '3 1',
    '10 1',
    '+Inf 1',
  ]);
});

it('tells about the process', async () => {
  expect(await linesOf(createMetricsPage(), 'process_resident_memory_bytes')).toHaveLength(1);
});
