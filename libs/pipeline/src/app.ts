import { abortable, runPeriodically } from '@mosaicme/async';
import { createEvent, objectKeys, type ObjectKeys } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import {
  startService,
  version,
  waitFor,
  type Logger,
  type MetricsPage,
  type RunningService,
  type ServiceContext,
} from '@mosaicme/service';
import { connectMessaging, connectStore, type PipelineConfig } from './connect';
import { observeMessaging, observeStore } from './observe';

/** Ports that replace the real ones: the embedded set, or a test's. Who gives them closes them. */
export interface PipelineOverrides {
  readonly store?: ObjectStore;
  readonly messaging?: (instance: string) => Messaging;
  readonly logger?: Logger;
  readonly healthPage?: boolean;
  readonly metricsPage?: MetricsPage;
}

/** What an app of the pipeline works with. */
export interface PipelineContext extends ServiceContext {
  readonly store: ObjectStore;
  readonly messaging: Messaging;
  readonly keys: ObjectKeys;
}

/** What an app does in the frame. */
export interface PipelineApp {
  /** Opens what works without store and broker; called before anything is waited for. */
  readonly open?: (context: PipelineContext) => Promise<void>;
  /** Starts the work; called when store and broker are there. */
  readonly work: (context: PipelineContext) => Promise<void>;
}

/**
 * The frame of every app of the pipeline: connects store and broker, waits until both are there, makes
 * the buckets, sends heartbeats, then hands over to `work`. Stops in the reverse order: consumers,
 * heartbeats, broker, store.
 */
export function startPipelineApp(
  app: string,
  config: PipelineConfig,
  overrides: PipelineOverrides,
  { open, work }: PipelineApp,
): Promise<RunningService> {
  return startService({
    app,
    settings: config.service,
    ...(overrides.logger && { logger: overrides.logger }),
    ...(overrides.healthPage !== undefined && { healthPage: overrides.healthPage }),
    ...(overrides.metricsPage && { metricsPage: overrides.metricsPage }),
    start: async (service) => {
      const { logger, signal } = service;
      const store = overrides.store ?? connectStore(config);
      if (!overrides.store) service.onStop('object store', () => store.close());
      const name = `${app} ${service.instance}`;
      const messaging = overrides.messaging?.(name) ?? connectMessaging(config, logger, name);
      service.onStop('messaging', () => messaging.close());
      const context: PipelineContext = {
        ...service,
        store: observeStore(store, service),
        messaging: observeMessaging(messaging, service),
        keys: objectKeys(config.buckets),
      };

      service.addCheck('object store', () => store.ping());
      service.addCheck('messaging', () => {
        if (!messaging.isConnected()) throw new Error('not connected to the broker');
      });

      service.onStop(
        'metrics of the broker',
        service.metrics.gauge('mosaicme_broker_connected', {}, () => +messaging.isConnected()),
      );

      await open?.(context);
      await abortable(messaging.ready(), signal);
      startHeartbeat(context, config.service.heartbeatSeconds);
      await waitFor(
        'the object store',
        async () => {
          for (const bucket of Object.values(config.buckets)) await store.ensureBucket(bucket);
        },
        { logger, signal },
      );
      await work(context);
    },
  });
}

function startHeartbeat(context: PipelineContext, intervalSeconds: number): void {
  const { app, instance, startedAt, logger, messaging } = context;
  let count = 0;
  const beat = (): Promise<void> =>
    messaging.publish(
      createEvent(
        'service.heartbeat.v1',
        {
          app,
          instance,
          version,
          state: context.state(),
          startedAt: startedAt.toISOString(),
          uptimeSeconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
          intervalSeconds,
        },
        { app, subject: instance, key: String(count++) },
      ),
    );
  const onError = (error: unknown): void =>
    logger.debug({ reason: messageOf(error) }, 'heartbeat not sent');
  const stop = runPeriodically(beat, {
    everyMs: intervalSeconds * 1_000,
    immediately: true,
    onError,
  });
  context.onStop('heartbeat', async () => {
    await stop();
    // The last one tells the others that this instance stops.
    await beat().catch(onError);
  });
}
