import { runPeriodically, type StopPeriodic } from '@mosaicme/async';
import type { Catalogue } from '@mosaicme/catalogue';
import { createRedisCatalogue } from '@mosaicme/catalogue';
import type { CacherConfig } from '@mosaicme/config';
import { messageOf } from '@mosaicme/errors';
import {
  catchUp,
  consumeWork,
  reindex,
  startPipelineApp,
  type PipelineOverrides,
} from '@mosaicme/pipeline';
import { waitFor, type RunningService } from '@mosaicme/service';

/** How often it looks whether the catalogue lost its content, in milliseconds. */
const lossCheckMs = 1_000;
/** How far back it reads when it starts, in milliseconds. */
const catchUpAtStartMs = 24 * 3_600_000;

/**
 * Keeps the catalogue: every public mosaic with its answer. When the catalogue is empty (new, flushed,
 * another server), it rebuilds it from the buckets. Now and then it reads there what it did not hear of,
 * because the broker may have lost its messages, and keeps the snapshot that makes rebuilding quick.
 */
export function startCacher(
  config: CacherConfig,
  overrides: PipelineOverrides & { readonly catalogue?: Catalogue } = {},
): Promise<RunningService> {
  const { buckets, reconciliation, work } = config;

  return startPipelineApp('cacher', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, keys, onStop, addCheck } = context;
      const catalogue = overrides.catalogue ?? createRedisCatalogue({ ...config.redis, logger });
      if (!overrides.catalogue) onStop('catalogue', () => catalogue.close());
      addCheck('catalogue', () => catalogue.ping());
      const ports = { store, catalogue, keys, buckets, logger };

      const repeat = (what: string, task: () => Promise<void>, everyMs: number): StopPeriodic =>
        runPeriodically(task, {
          everyMs,
          onError: (error) => logger.warn({ what, reason: messageOf(error) }, `could not ${what}`),
        });

      const rebuildWhenEmpty = async (): Promise<void> => {
        if (!(await catalogue.isEmpty()) || (await catalogue.isRebuilding())) return;
        logger.info({}, 'the catalogue is empty and is rebuilt from the buckets');
        const startedAt = performance.now();
        const { count } = await reindex(ports);
        logger.info({ count, ms: Math.round(performance.now() - startedAt) }, 'catalogue rebuilt');
      };
      await waitFor('the catalogue', rebuildWhenEmpty, { logger, signal });
      onStop(
        'check of the catalogue',
        repeat('check the catalogue', rebuildWhenEmpty, lossCheckMs),
      );

      const periodMs = reconciliation.seconds * 1_000;
      let readUntil = Date.now() - catchUpAtStartMs;
      const catchUpSinceLast = async (): Promise<void> => {
        const startedAt = Date.now();
        // What was written a moment ago comes by message; the clocks of the store may differ as well.
        const changes = await catchUp(ports, new Date(readUntil));
        logger.debug({ changes }, 'read what was written since the last time');
        readUntil = startedAt - periodMs - reconciliation.ageSeconds * 1_000;
      };
      await waitFor('store and catalogue', catchUpSinceLast, { logger, signal });
      if (periodMs > 0) {
        onStop('catching up', repeat('catch up', catchUpSinceLast, periodMs));
      }

      await consumeWork(context, 'catalogue', work.prefetch, {
        'mosaic.published.v1': ({ data, time }) => catalogue.addMosaic(data.mosaic, new Date(time)),
        'mosaic.answered.v1': ({ data }) => catalogue.addAnswer(data.id, data.answer),
        'mosaic.withdrawn.v1': ({ data, time }) => catalogue.remove(data.id, new Date(time)),
      });
    },
  });
}
