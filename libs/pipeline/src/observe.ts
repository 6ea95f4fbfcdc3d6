import { runPeriodically } from '@mosaicme/async';
import { mustBeRouted, type MosaicmeEvent, type QueueRole } from '@mosaicme/contracts';
import type { Delivery, Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import { withCorrelation, type ServiceContext } from '@mosaicme/service';

/** Where what is seen goes. */
export type Observers = Pick<ServiceContext, 'metrics' | 'tracing'>;

/**
 * Counts publishes, and puts each into a span that the event carries on to its consumers. Broadcasts
 * belong to no request and get no span.
 */
export function observeMessaging(messaging: Messaging, { metrics, tracing }: Observers): Messaging {
  const publish = async (event: MosaicmeEvent): Promise<void> => {
    let outcome = 'failed';
    try {
      if (mustBeRouted(event.type)) await publishInSpan(event);
      else await messaging.publish(event);
      outcome = 'confirmed';
    } finally {
      metrics.count('mosaicme_publishes_total', { event: event.type, outcome });
    }
  };
  const publishInSpan = (event: MosaicmeEvent) =>
    tracing.span(
      `publish ${event.type}`,
      { kind: 'producer', attributes: attributesOf(event) },
      ({ traceparent }) =>
        messaging.publish(traceparent === undefined ? event : { ...event, traceparent }),
    );

  return {
    publish,
    consume: (queue, options, handler) => messaging.consume(queue, options, handler),
    listen: (types, listener) => messaging.listen(types, listener),
    depth: (queue) => messaging.depth(queue),
    ready: () => messaging.ready(),
    isConnected: () => messaging.isConnected(),
    close: () => messaging.close(),
  };
}

/** Times the calls of a store, and puts those that move objects into spans. */
export function observeStore(store: ObjectStore, { metrics, tracing }: Observers): ObjectStore {
  const timed = async <Result>(operation: string, call: () => Promise<Result>): Promise<Result> => {
    const startedAt = performance.now();
    let outcome = 'failed';
    try {
      const result = await call();
      outcome = 'done';
      return result;
    } finally {
      const seconds = (performance.now() - startedAt) / 1_000;
      metrics.observe('mosaicme_store_seconds', { operation, outcome }, seconds);
    }
  };
  const spanned = <Result>(
    operation: string,
    { bucket, key }: { readonly bucket: string; readonly key: string },
    call: () => Promise<Result>,
  ) =>
    tracing.span(
      `store ${operation}`,
      { kind: 'client', attributes: { bucket, key }, insideOnly: true },
      () => timed(operation, call),
    );

  return {
    put: (ref, body, options) => spanned('put', ref, () => store.put(ref, body, options)),
    putStream: (ref, body, options) =>
      spanned('putStream', ref, () => store.putStream(ref, body, options)),
    get: (ref, range) => spanned('get', ref, () => store.get(ref, range)),
    copy: (from, to, options) => spanned('copy', to, () => store.copy(from, to, options)),
    stream: (ref) => timed('stream', () => store.stream(ref)),
    head: (ref) => timed('head', () => store.head(ref)),
    delete: (ref) => timed('delete', () => store.delete(ref)),
    deleteMany: (refs) => timed('deleteMany', () => store.deleteMany(refs)),
    list: (bucket, options) => store.list(bucket, options),
    ensureBucket: (bucket) => store.ensureBucket(bucket),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

/** Runs a handler so that it is timed, traced, and known to every log line. */
export type ObservedWork = (
  event: MosaicmeEvent,
  delivery: Delivery,
  work: () => Promise<void>,
) => Promise<void>;

/** How the handlers of a queue are watched. @param onStop Hears how to end it. */
export function observeWork(
  { metrics, tracing, onStop }: Observers & Pick<ServiceContext, 'onStop'>,
  queue: QueueRole,
): ObservedWork {
  let inFlight = 0;
  onStop(
    `count of the work of ${queue}`,
    metrics.gauge('mosaicme_messages_in_flight', { queue }, () => inFlight),
  );

  return async (event, { attempt, redelivered }, work) => {
    const labels = { queue, event: event.type };
    if (attempt > 1 || redelivered) metrics.count('mosaicme_retries_total', labels);
    else metrics.observe('mosaicme_queue_age_seconds', labels, ageOf(event) / 1_000);
    const startedAt = performance.now();
    let outcome = 'failed';
    inFlight++;
    try {
      await withCorrelation(event.correlationid, () =>
        tracing.span(
          `consume ${queue}`,
          {
            kind: 'consumer',
            parent: event.traceparent,
            attributes: { ...attributesOf(event), attempt, redelivered, queue_ms: ageOf(event) },
          },
          () => tracing.span(`handle ${event.type}`, {}, work),
        ),
      );
      outcome = 'handled';
    } finally {
      inFlight--;
      const seconds = (performance.now() - startedAt) / 1_000;
      metrics.observe('mosaicme_handler_seconds', { ...labels, outcome }, seconds);
    }
  };
}

/** Milliseconds between two looks at the depth of a queue. */
const depthEveryMs = 10_000;

/** Shows the depth of a queue that this process consumes, and that it does. */
export function observeQueue(
  {
    metrics,
    messaging,
    onStop,
  }: Pick<ServiceContext, 'metrics' | 'onStop'> & {
    readonly messaging: Pick<Messaging, 'depth' | 'isConnected'>;
  },
  queue: QueueRole,
): void {
  let seen: { readonly ready: number; readonly dead: number } | undefined;
  const stopLooking = runPeriodically(
    async () => {
      seen = await messaging.depth(queue);
    },
    {
      everyMs: depthEveryMs,
      immediately: true,
      // Rather no value than an old one.
      onError: () => void (seen = undefined),
    },
  );
  const ends = [
    metrics.gauge('mosaicme_consumers', { queue }, () => (messaging.isConnected() ? 1 : 0)),
    metrics.gauge('mosaicme_queue_messages', { queue, state: 'ready' }, () => seen?.ready),
    metrics.gauge('mosaicme_queue_messages', { queue, state: 'dead' }, () => seen?.dead),
  ];
  onStop(`depth of ${queue}`, async () => {
    await stopLooking();
    for (const end of ends) end();
  });
}

const ageOf = ({ time }: MosaicmeEvent): number => Math.max(0, Date.now() - Date.parse(time));

const attributesOf = ({ id, type, correlationid }: MosaicmeEvent) => ({
  'messaging.system': 'mosaicme',
  'messaging.message.id': id,
  'messaging.message.conversation_id': correlationid,
  'cloudevents.event_type': type,
});
