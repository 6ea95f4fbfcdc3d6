import { openCampaigns } from '@mosaicme/campaigns';
import { createAuthorStandings } from '@mosaicme/requests';
import type { SyncUploaderConfig } from '@mosaicme/config';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { assertConditionalWrites } from '@mosaicme/object-store';
import { waitFor, type RunningService } from '@mosaicme/service';
import { checkAnswerTemplate, openNetworks, type Networks } from '@mosaicme/social';
import { createAnswer } from './answer';
import { createPacing } from './pacing';
import { createPublish } from './publish';
import { createWithdrawAnswer } from './withdraw-answer';

/** Whose account is faulty is asked again after this time. */
const accountProbeMs = 60_000;
/** A ban or an opt-out holds after this time at the latest. */
const authorsMaxAgeMs = 1_000;

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
      const campaigns = openCampaigns({ ...context, buckets }, { logger });
      const authors = createAuthorStandings(context, { maxAgeMs: authorsMaxAgeMs });
      const publish = createPublish({
        ...context,
        buckets,
        authors,
        moderationOf: async (campaign) => (await campaigns.get(campaign)).moderation,
      });
      const pacing = createPacing({ probeMs: accountProbeMs }, logger);
      context.addCheck('accounts on the networks', () => pacing.check());
      const answer = createAnswer(
        {
          ...context,
          networks,
          pacing,
          authors,
          styleOf: async (campaign) => {
            const { enabled, text } = (await campaigns.get(campaign)).answer;
            return { enabled: enabled ?? answers.enabled, template: text ?? answers.text };
          },
        },
        {
          publicUrl: publicSite.url,
          largeImage: answers.largeImage,
          settleMs: answers.settleSeconds * 1_000,
        },
      );
      await consumeWork(context, 'publish', work.prefetch, { 'mosaic.rendered.v1': publish });
      // A queue of its own: what holds answers up must not hold up what people see.
      await consumeWork(context, 'answer', work.prefetch, {
        'mosaic.published.v1': (event, handling) =>
          context.tracing.span('answer', { kind: 'client' }, () => answer(event, handling)),
        'mosaic.withdrawn.v1': createWithdrawAnswer(
          { ...context, networks, pacing },
          { settleMs: answers.settleSeconds * 1_000 },
        ),
      });
    },
  });
}
