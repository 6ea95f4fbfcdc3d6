import { createMemoryCatalogue } from '@mosaicme/catalogue';
import { startCacher } from '@mosaicme/cacher';
import { startCollector } from '@mosaicme/collector';
import { startEngine } from '@mosaicme/engine';
import { startJanitor } from '@mosaicme/janitor';
import { objectKeys } from '@mosaicme/contracts';
import { createMemoryBroker } from '@mosaicme/messaging';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { topologyOf, type PipelineOverrides } from '@mosaicme/pipeline';
import {
  createLogger,
  createMetricsPage,
  startHealthServer,
  version,
  type HealthCheck,
  type Logger,
  type RunningService,
} from '@mosaicme/service';
import { startSyncDownloader } from '@mosaicme/sync-downloader';
import { startSyncUploader } from '@mosaicme/sync-uploader';
import { startWeb } from '@mosaicme/web';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StandaloneConfig } from './config';
import { watchPhotosFolder } from './photos-folder';

export interface StandaloneOptions {
  /** Folder with the gallery's scripts and styles. */
  readonly assetsFolder: string;
  readonly logger?: Logger;
  /** Serve /healthz and /readyz for all apps together. */
  readonly healthPage?: boolean;
  /** File of the bundled decoder; without it photos are decoded in this process. */
  readonly decoderProgram?: string;
}

export interface RunningStandalone extends RunningService {
  /** The address of the gallery. */
  readonly galleryUrl: string;
  /** What all apps in here keep their objects in. */
  readonly store: ObjectStore;
}

/**
 * Starts the whole system in this process: every app as it is, on the embedded adapters. Objects lie in
 * a folder and survive a restart; messages do not, so at start-up reconciliation republishes
 * whatever was in flight.
 */
export async function startStandalone(
  config: StandaloneConfig,
  options: StandaloneOptions,
): Promise<RunningStandalone> {
  const { dataFolder, photosFolder } = config.standalone;
  const logger =
    options.logger ??
    createLogger({
      version,
      level: config.service.logLevel,
    });
  await mkdir(dataFolder, { recursive: true });
  const store = createFolderStore({ root: join(dataFolder, 'objects') });
  const broker = createMemoryBroker({ topology: topologyOf(config.engine), logger });
  const catalogue = createMemoryCatalogue();
  const metricsPage = createMetricsPage();
  const overrides = {
    store,
    messaging: () => broker.connect(),
    logger,
    healthPage: false,
    metricsPage,
  } satisfies PipelineOverrides;

  // In the order of the flow from its end, so that nothing is published before somebody takes it.
  const services: RunningService[] = [];
  const start = async <Service extends RunningService>(starting: Promise<Service>) => {
    const service = await starting;
    services.push(service);
    return service;
  };
  const others: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const other of others.toReversed()) await other.close();
    for (const service of services.toReversed()) await service.close();
    // A message that waits for its next attempt would keep the process alive until then.
    broker.close();
    await catalogue.close();
    await store.close();
  };

  try {
    await start(startCacher(config.cacher, { ...overrides, catalogue }));
    const web = await start(
      startWeb(config.web, { ...overrides, catalogue, assetsFolder: options.assetsFolder }),
    );
    await start(startSyncUploader(config.uploader, overrides));
    await start(startEngine(config.engine, overrides));
    await start(
      startSyncDownloader(config.downloader, {
        ...overrides,
        ...(options.decoderProgram !== undefined && { decoderProgram: options.decoderProgram }),
      }),
    );
    await start(startJanitor(config.janitor, { ...overrides, brokerStartsEmpty: true }));
    for (const collector of [config.rawPhotos, config.requests]) {
      if (collector) await start(startCollector(collector, overrides));
    }
    if (photosFolder !== undefined) {
      const messaging = broker.connect();
      others.push(
        messaging,
        watchPhotosFolder(photosFolder, {
          app: 'standalone',
          store,
          messaging,
          keys: objectKeys(config.engine.buckets),
          logger,
        }),
      );
    }
    const { healthHost: host, healthPort: port } = config.service;
    const checks = readinessChecks(services);
    const health = options.healthPage
      ? await startHealthServer({ host, port, checks, metrics: metricsPage })
      : undefined;
    if (health) {
      others.push(health);
      logger.info({ app: 'standalone', healthUrl: health.url }, 'the health page is open');
    }
    return {
      app: 'standalone',
      instance: 'standalone',
      ready: web.ready,
      failed: Promise.race(services.map((service) => service.failed)),
      healthUrl: health?.url,
      galleryUrl: web.url,
      store,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One check for each app, passing once the app does its work. */
function readinessChecks(services: readonly RunningService[]): Record<string, HealthCheck> {
  const ready = new Set<RunningService>();
  for (const service of services) {
    service.ready.then(
      () => ready.add(service),
      () => undefined,
    );
  }
  return Object.fromEntries(
    services.map((service) => [
      service.app,
      () => {
        if (!ready.has(service)) throw new Error('still waits for what it needs');
      },
    ]),
  );
}
