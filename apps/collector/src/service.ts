import type { CollectorConfig } from '@mosaicme/config';
import { startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { messageOf } from '@mosaicme/errors';
import { waitFor, type RunningService } from '@mosaicme/service';
import { createXNetwork, downloadMedia, type Network } from '@mosaicme/social';
import { followHashtags } from './follow';
import { collectorRole } from './role';
import { createIngestPost } from './ingest-post';

const postsAtOnce = 8;

/**
 * Follows a hashtag and brings its photos into the pipeline: requests with MOSAIC_QUEUE, raw photos
 * for the tile library without.
 */
export function startCollector(
  config: CollectorConfig,
  overrides: PipelineOverrides & { readonly network?: Network } = {},
): Promise<RunningService> {
  const role = collectorRole(config);
  const { collecting, media, twitter, rabbitmq } = config;

  return startPipelineApp('collector', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, keys, tracing, onStop } = context;
      await waitFor('the object store', () => store.ensureBucket(role.bucket), { logger, signal });

      const network =
        overrides.network ??
        createXNetwork({
          credentials: twitter,
          username: twitter.username,
          answerAll: twitter.answerAll,
          timings: { searchIntervalMs: twitter.searchSeconds * 1_000 },
          mode: twitter.mode,
          // Of its own and lasting, so that changed hashtags replace the old rule; each rule costs money.
          ruleTag: `${rabbitmq.exchange}-${role.takes.replace(' ', '-')}`,
          ...(twitter.apiHost && {
            endpoint: { host: twitter.apiHost, port: twitter.apiPort ?? 80 },
          }),
          logger,
        });
      if (!overrides.network) onStop('network', () => network.close());

      const ingestPost = createIngestPost(
        {
          ...context,
          download: (url) =>
            downloadMedia(url, {
              maxBytes: media.maxBytes,
              timeoutMs: media.maxSeconds * 1_000,
              signal,
              allowedOrigins: media.allowedOrigins ?? [],
            }),
          retryPausesMs: rabbitmq.retryPausesMs,
        },
        role,
      );
      const name = [network.name, role.takes.replace(' ', '-'), ...collecting.hashtags].join('-');
      const following = followHashtags(
        {
          store,
          network,
          logger,
          signal,
          ingestPost: (post) =>
            tracing.span('ingest post', { kind: 'consumer' }, () => ingestPost(post)),
        },
        {
          hashtags: collecting.hashtags,
          cursor: keys.collectorCursor(name.toLowerCase()),
          atOnce: postsAtOnce,
        },
      ).catch((error: unknown) => {
        if (!signal.aborted) {
          logger.error({ error }, `does not follow any more: ${messageOf(error)}`);
          context.fail(error);
        }
      });
      onStop('following', () => following);
    },
  });
}
