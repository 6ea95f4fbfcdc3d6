import type { CollectorConfig } from '@mosaicme/config';
import { startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { waitFor, type RunningService } from '@mosaicme/service';
import { downloadMedia, openNetworks, type Networks, type SocialEvent } from '@mosaicme/social';
import { followHashtags } from './follow';
import { collectorRole } from './role';
import { superviseEach } from './supervise';
import { createIngestPost } from './ingest-post';

const postsAtOnce = 8;

/**
 * Follows a hashtag and brings its photos into the pipeline: requests with MOSAIC_QUEUE, raw photos
 * for the tile library without.
 */
export function startCollector(
  config: CollectorConfig,
  overrides: PipelineOverrides & { readonly networks?: Networks } = {},
): Promise<RunningService> {
  const role = collectorRole(config);
  const { collecting, media, rabbitmq } = config;

  return startPipelineApp('collector', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, keys, tracing, onStop } = context;
      await waitFor('the object store', () => store.ensureBucket(role.bucket), { logger, signal });

      const networks = overrides.networks ?? openNetworks(config, { logger });
      if (!overrides.networks) onStop('networks', () => networks.close());

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
      const ingest = async (event: SocialEvent): Promise<void> => {
        if (event.kind !== 'withdrawn') return ingestPost(event.post);
        const { postId, authorId, reason } = event;
        logger.warn({ postId, authorId, reason }, 'withdrawn on its network');
      };
      const takes = role.takes.replace(' ', '-');
      const following = superviseEach(
        networks,
        (network) => {
          const { name, instance } = network.id;
          const cursor = [name, instance, takes, ...collecting.hashtags].join('-').toLowerCase();
          return followHashtags(
            {
              store,
              network,
              logger,
              signal,
              ingest: (event) => tracing.span('ingest', { kind: 'consumer' }, () => ingest(event)),
            },
            {
              hashtags: collecting.hashtags,
              name: `${rabbitmq.exchange}-${takes}`,
              cursor: keys.collectorCursor(cursor),
              atOnce: postsAtOnce,
            },
          );
        },
        context,
      );
      onStop('following', () => following);
    },
  });
}
