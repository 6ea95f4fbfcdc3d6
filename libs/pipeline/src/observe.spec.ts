import { createEvent } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';
import { noTracing, type Tracing } from '@mosaicme/service';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelineContext } from './app';
import { consumeWork } from './consume';
import { observeMessaging, observeQueue } from './observe';
import { createEmbedded, requested, sampleObject, type Embedded } from './testing/embedded';
import { sampleRequest } from './testing/place';

const request = sampleRequest('1');
const { id } = request;

let embedded: Embedded;
beforeEach(async () => {
  embedded = await createEmbedded();
});
afterEach(() => embedded.close());

it('records what becomes of the messages of a queue', async () => {
  const { messaging } = await embedded.start('downloader', (context) =>
    consumeWork(context, 'prepare', 1, {
      'mosaic.requested.v1': async (_event, { delivery }) => {
        if (delivery.attempt === 1) throw new TransientError('test.busy', 'Busy for a test.');
      },
    }),
  );
  await messaging.publish(requested());
  await embedded.said('handled');

  const of = 'app="downloader",queue="prepare",event="mosaic.requested.v1"';
  expect(await embedded.metric('mosaicme_handler_seconds_count')).toEqual([
    `mosaicme_handler_seconds_count{${of},outcome="failed"} 1`,
    `mosaicme_handler_seconds_count{${of},outcome="handled"} 1`,
  ]);
  expect(await embedded.metric('mosaicme_queue_age_seconds_count')).toEqual([
    `mosaicme_queue_age_seconds_count{${of}} 1`,
  ]);
  expect(await embedded.metric('mosaicme_retries_total')).toEqual([
    `mosaicme_retries_total{${of}} 1`,
  ]);
  expect(await embedded.metric('mosaicme_messages_in_flight')).toEqual([
    'mosaicme_messages_in_flight{app="downloader",queue="prepare"} 0',
  ]);
  expect(await embedded.metric('mosaicme_publishes_total')).toContain(
    'mosaicme_publishes_total{app="downloader",event="mosaic.requested.v1",outcome="confirmed"} 1',
  );
  expect(await embedded.metric('mosaicme_consumers')).toEqual([
    'mosaicme_consumers{app="downloader",queue="prepare"} 1',
  ]);
});

it('counts what is dead-lettered by its code, and names the request in every line about it', async () => {
  const context = await embedded.start('downloader', (given) =>
    consumeWork(given, 'prepare', 1, {
      'mosaic.requested.v1': async (_event) => {
        given.logger.info({}, 'a library that knows nothing of requests');
        await given.store.put(sampleObject, new Uint8Array(1));
        throw new PermanentError('test.bad', 'Bad for a test.');
      },
    }),
  );
  await context.messaging.publish(requested());
  await embedded.said('A message is dead-lettered.');

  expect(await embedded.metric('mosaicme_dead_letters_total')).toEqual([
    'mosaicme_dead_letters_total{app="downloader",queue="prepare",code="test.bad"} 1',
  ]);
  expect(
    await embedded.metric('mosaicme_store_seconds_count{app="downloader",operation="put"'),
  ).toHaveLength(1);
  const { lines } = embedded;
  const about = lines.slice(lines.findIndex(({ msg }) => String(msg).startsWith('a library')));
  expect(about.map(({ correlationId }) => correlationId)).toEqual(about.map(() => id));
  expect(about.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining([
      'not handled: Bad for a test.',
      'dead-lettered: Bad for a test.',
      'A message is dead-lettered.',
    ]),
  );
});

it('shows how much waits in a queue that it consumes, and what is dead', async () => {
  embedded.broker.inject('prepare', new TextEncoder().encode('first'));
  embedded.broker.inject('prepare', new TextEncoder().encode('second'));
  const ends: (() => Promise<void> | void)[] = [];
  observeQueue(
    {
      metrics: embedded.page.forApp('test'),
      messaging: embedded.broker.connect(),
      onStop: (_name, end) => void ends.push(end),
    },
    'prepare',
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(await embedded.metric('mosaicme_queue_messages')).toEqual([
    'mosaicme_queue_messages{app="test",queue="prepare",state="ready"} 2',
    'mosaicme_queue_messages{app="test",queue="prepare",state="dead"} 0',
  ]);
  for (const end of ends) await end();
  expect(await embedded.metric('mosaicme_queue_messages')).toEqual([]);
});

it('counts a publish that failed', async () => {
  const refused = new TransientError('messaging.refused', 'Refused for a test.');
  const messaging = observeMessaging(
    { ...embedded.broker.connect(), publish: () => Promise.reject(refused) },
    { metrics: embedded.page.forApp('test'), tracing: noTracing },
  );
  await expect(messaging.publish(requested())).rejects.toBe(refused);
  expect(await embedded.metric('mosaicme_publishes_total')).toEqual([
    'mosaicme_publishes_total{app="test",event="mosaic.requested.v1",outcome="failed"} 1',
  ]);
});

it('continues one trace from publish to consumer to handler to publish', async () => {
  const { tracing, spans } = recordingTracing();
  const context = await embedded.start('downloader', (given) =>
    consumeWork(traced(given), 'prepare', 1, {
      'mosaic.requested.v1': async (event) => {
        await traced(given).messaging.publish(
          createEvent(
            'mosaic.prepared.v1',
            { request, target: sampleObject, size: { width: 1, height: 1 } },
            { app: 'downloader', subject: id, cause: event },
          ),
        );
      },
    }),
  );
  const traceparents = new Promise<string>((resolve) => {
    void context.messaging.listen(['mosaic.prepared.v1'], ({ traceparent }) =>
      resolve(traceparent),
    );
  });
  await tracing.span('ingest post', {}, () => traced(context).messaging.publish(requested()));

  const last = await traceparents;
  await embedded.said('handled');
  const chain = spans.map(({ name, parent }) => [name, spans.find((s) => s.id === parent)?.name]);
  expect(chain).toEqual([
    ['ingest post', undefined],
    ['publish mosaic.requested.v1', 'ingest post'],
    ['consume prepare', 'publish mosaic.requested.v1'],
    ['handle mosaic.requested.v1', 'consume prepare'],
    ['publish mosaic.prepared.v1', 'handle mosaic.requested.v1'],
  ]);
  expect(last).toContain(spans.at(-1)?.id);

  function traced(given: PipelineContext): PipelineContext {
    const observers = { metrics: given.metrics, tracing };
    return { ...given, tracing, messaging: observeMessaging(given.messaging, observers) };
  }
});

/** Remembers the spans and who their parents are. */
function recordingTracing() {
  const spans: {
    readonly id: string;
    readonly name: string;
    readonly parent: string | undefined;
  }[] = [];
  const active = new AsyncLocalStorage<string>();
  const tracing: Tracing = {
    span(name, { parent }, work) {
      const spanId = String(spans.length + 1).padStart(16, '0');
      spans.push({ id: spanId, name, parent: parent?.split('-')[2] ?? active.getStore() });
      const traceparent = `00-${'a'.repeat(32)}-${spanId}-01`;
      return active.run(spanId, () => work({ traceparent, set() {} }));
    },
    close: async () => {},
  };
  return { tracing, spans };
}
