import type { SyncUploaderConfig } from '@mosaicme/config';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { assertConditionalWrites } from '@mosaicme/object-store';
import { waitFor, type RunningService } from '@mosaicme/service';
import { checkAnswerTemplate, createXNetwork, type Network } from '@mosaicme/social';
import { createAnswer } from './answer';
import { createPublish } from './publish';

/** Publishes rendered mosaics and answers the posts that asked for them. */
export function startSyncUploader(
  config: SyncUploaderConfig,
  overrides: PipelineOverrides & { readonly networks?: readonly Network[] } = {},
): Promise<RunningService> {
  const { answers, buckets, publicSite, twitter, work } = config;
  checkAnswerTemplate(answers.text);

  return startPipelineApp('sync-uploader', config, overrides, {
    work: async (context) => {
      const { logger, signal, store } = context;
      // Without conditional writes two processes could answer the same post.
      await waitFor('the object store', () => assertConditionalWrites(store, buckets.outSmall), {
        logger,
        signal,
      });
      const networks = overrides.networks ?? [
        createXNetwork({
          credentials: twitter,
          username: twitter.username,
          answerAll: twitter.answerAll,
          mode: twitter.mode,
          ...(twitter.apiHost && {
            endpoint: { host: twitter.apiHost, port: twitter.apiPort ?? 80 },
          }),
          logger,
        }),
      ];
      if (!overrides.networks) {
        for (const network of networks) context.onStop(network.name, () => network.close());
      }
      const publish = createPublish(context);
      const answer = createAnswer(context, new Map(networks.map((one) => [one.name, one])), {
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
