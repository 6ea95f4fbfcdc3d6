import type { Catalogue } from '@mosaicme/catalogue';
import { createRedisCatalogue } from '@mosaicme/catalogue';
import type { CacherConfig } from '@mosaicme/config';
import { consumeWork, reindex, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { waitFor, type RunningService } from '@mosaicme/service';
import { messageOf } from '@mosaicme/errors';
import { setInterval } from 'node:timers';

/** How often it looks whether the catalogue lost its content, in milliseconds. */
const lossCheckMs = 5_000;

/**
 * Keeps the catalogue: every published mosaic, answer and failure. When the catalogue is empty (new,
 * flushed, another server), it rebuilds it from the buckets.
 */
export function startCacher(
  config: CacherConfig,
  overrides: PipelineOverrides & { readonly catalogue?: Catalogue } = {},
): Promise<RunningService> {
  return startPipelineApp('cacher', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, keys, onStop, addCheck } = context;
      const catalogue = overrides.catalogue ?? createRedisCatalogue({ ...config.redis, logger });
      if (!overrides.catalogue) onStop('catalogue', () => catalogue.close());
      addCheck('catalogue', () => catalogue.ping());

      const rebuildWhenEmpty = async (): Promise<void> => {
        if (!(await catalogue.isEmpty()) || (await catalogue.isRebuilding())) return;
        logger.info({}, 'the catalogue is empty and is rebuilt from the buckets');
        const startedAt = performance.now();
        const { count } = await reindex({
          store,
          catalogue,
          keys,
          buckets: config.buckets,
          logger,
        });
        logger.info({ count, ms: Math.round(performance.now() - startedAt) }, 'catalogue rebuilt');
      };
      await waitFor('the catalogue', rebuildWhenEmpty, { logger, signal });

      let checking: Promise<void> | undefined;
      const timer = setInterval(() => {
        checking ??= rebuildWhenEmpty()
          .catch((error: unknown) => {
            logger.warn({ reason: messageOf(error) }, 'catalogue not checked');
          })
          .finally(() => {
            checking = undefined;
          });
      }, lossCheckMs);
      onStop('check of the catalogue', async () => {
        clearInterval(timer);
        await checking;
      });

      await consumeWork(context, 'done', config.work.prefetch, {
        'mosaic.published.v1': ({ data }) => catalogue.addMosaic(data.mosaic),
        'mosaic.answered.v1': ({ data }) => catalogue.addAnswer(data.id, data.answer),
        'mosaic.failed.v1': async ({ data: { id, code, reason, failedAt } }) => {
          if (id !== undefined) await catalogue.addFailure({ id, code, reason, failedAt });
        },
      });
    },
  });
}
