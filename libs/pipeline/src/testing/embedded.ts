import { appSchemas, readConfig } from '@mosaicme/config';
import { createEvent, defaultBucketNames, topology } from '@mosaicme/contracts';
import { createMemoryBroker } from '@mosaicme/messaging';
import { createFolderStore } from '@mosaicme/object-store';
import { createLogger, createMetricsPage, type RunningService } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPipelineApp, type PipelineContext } from '../app';
import { sampleRequest } from './place';

const config = readConfig('test', appSchemas.cacher, {
  S3_ACCESS_KEY: 'none',
  S3_SECRET_KEY: 'none',
  S3_HOST: 'none',
});

/** The frame of an app on the embedded adapters, with everything that it says. */
export type Embedded = Awaited<ReturnType<typeof createEmbedded>>;

export async function createEmbedded() {
  const folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    version: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const broker = createMemoryBroker({ logger, topology: topology({ retryPausesMs: [1] }) });
  const store = createFolderStore({ root: folder });
  const page = createMetricsPage();
  const running: RunningService[] = [];

  /** Starts an app without waiting until it is ready. */
  const launch = async (
    app: string,
    work: (context: PipelineContext) => Promise<void>,
    overrides: Partial<Parameters<typeof startPipelineApp>[2]> = {},
  ): Promise<RunningService> => {
    const service = await startPipelineApp(
      app,
      config,
      {
        store,
        messaging: () => broker.connect(),
        logger,
        healthPage: false,
        metricsPage: page,
        ...overrides,
      },
      { work },
    );
    running.push(service);
    return service;
  };

  return {
    broker,
    store,
    page,
    lines,
    logger,
    launch,
    /** Starts an app and waits until it works. */
    async start(app: string, work: (context: PipelineContext) => Promise<void>) {
      let context: PipelineContext | undefined;
      const service = await launch(app, (given) => work((context = given)));
      await service.ready;
      if (!context) throw new Error('The app did not begin its work.');
      return context;
    },
    /** The samples of a metric, as Prometheus reads them. */
    async metric(name: string): Promise<string[]> {
      const { body } = await page.render();
      return body.split('\n').filter((line) => line.startsWith(name));
    },
    /** Resolves when this was said. */
    async said(message: string): Promise<void> {
      while (!lines.some(({ msg }) => msg === message)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      for (const service of running) await service.close();
      broker.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export const sampleObject = { bucket: defaultBucketNames.in, key: 'photo' };

/** A request as sync-downloader hears of it. */
export function requested(postId = '1') {
  const request = sampleRequest(postId);
  return createEvent(
    'mosaic.requested.v1',
    { request, object: sampleObject },
    { app: 'test', subject: request.id },
  );
}
