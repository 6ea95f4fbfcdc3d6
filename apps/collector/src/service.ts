import { openCampaigns } from '@mosaicme/campaigns';
import type { CollectorConfig } from '@mosaicme/config';
import { startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { createAuthorStandings } from '@mosaicme/requests';
import { waitFor, type RunningService } from '@mosaicme/service';
import { downloadMedia, openNetworks, type Networks, type NetworkId } from '@mosaicme/social';
import { destinationsOf, tagsToFollow, wantedFrom } from './campaigns';
import { followWhatIsWanted } from './follow';
import { collectorRole } from './role';
import { superviseEach } from './supervise';
import { createWithdraw } from './withdraw';
import { createIngestEvent } from './ingest-event';
import { createIngestPost } from './ingest-post';

const postsAtOnce = 8;
/** A campaign that opens, closes or changes its hashtags is followed so after this time. */
const campaignsEveryMs = 5_000;

/** An author's withdrawal holds after this time at the latest. */
const authorsMaxAgeMs = 1_000;

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

      const campaigns = openCampaigns({ ...context, buckets: config.buckets }, { logger });
      const wanted = async (network: NetworkId['name']) =>
        wantedFrom(await campaigns.all(), network, role.takes, collecting.hashtags);

      const ingestPost = createIngestPost(
        {
          ...context,
          authors: createAuthorStandings(context, { maxAgeMs: authorsMaxAgeMs }),
          destinationsOf: async (post) =>
            destinationsOf(post, await wanted(post.network.name), new Date()),
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
      const withdraw = createWithdraw(
        { ...context, campaigns: async () => (await campaigns.all()).map(({ slug }) => slug) },
        role,
      );
      const ingest = createIngestEvent(ingestPost, withdraw);
      const takes = role.takes.replace(' ', '-');
      const following = superviseEach(
        networks,
        (network) =>
          followWhatIsWanted(
            {
              store,
              network,
              logger,
              signal,
              ingest: (event) =>
                tracing.span('ingest', { kind: 'consumer' }, () => ingest(network.id, event)),
            },
            {
              wanted: async () => tagsToFollow(await wanted(network.id.name), new Date()),
              lookEveryMs: campaignsEveryMs,
              name: `${rabbitmq.exchange}-${takes}`,
              cursorOf: (tags) => {
                const { name, instance } = network.id;
                const cursor = [name, instance, takes, ...tags].join('-').toLowerCase();
                return keys.collectorCursor(cursor);
              },
              atOnce: postsAtOnce,
            },
          ),
        context,
      );
      onStop('following', () => following);
    },
  });
}
