import type { SyncUploaderConfig } from '@mosaicme/config';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { assertConditionalWrites } from '@mosaicme/object-store';
import { waitFor, type RunningService } from '@mosaicme/service';
import { checkAnswerTemplate, openNetworks, type Networks } from '@mosaicme/social';
import { createAnswer } from './answer';
import { createPublish } from './publish';

/** Publishes rendered mosaics and answers the posts that asked for them. */
export function startSyncUploader(
  config: SyncUploaderConfig,
  overrides: PipelineOverrides & { readonly networks?: Networks } = {},
): Promise<RunningService> {
  const { answers, buckets, publicSite, work } = config;
  checkAnswerTemplate(answers.text, []);

  return startPipelineApp('sync-uploader', config, overrides, {
    work: async (context) => {
      const { logger, signal, store } = context;
      // Without conditional writes two processes could answer the same post.
      await waitFor('the object store', () => assertConditionalWrites(store, buckets.outSmall), {
        logger,
        signal,
      });
      const networks = overrides.networks ?? openNetworks(config, { logger });
      if (!overrides.networks) context.onStop('networks', () => networks.close());
      checkAnswerTemplate(
        answers.text,
        [...networks].map(({ limits }) => limits),
      );
      const publish = createPublish(context);
      const answer = createAnswer(context, networks, {
        enabled: answers.enabled,
        template: answers.text,
        publicUrl: publicSite.url,
        largeImage: answers.largeImage,
        settleMs: answers.settleSeconds * 1_000,
      });
      await consumeWork(context, 'finish', work.prefetch, {
        'mosaic.rendered.v1': async (event, { logger }) => {
          const published = await publish(event);
          logger.info({ picture: published.mosaic.picture.key }, 'published');
          await context.tracing.span('answer', { kind: 'client' }, () =>
            answer(event, published, logger),
          );
        },
      });
    },
  });
}
