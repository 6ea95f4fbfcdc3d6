import { libraryOf, openCampaigns, stateAt, type Campaign } from '@mosaicme/campaigns';
import type { EngineConfig } from '@mosaicme/config';
import { measureImaging } from '@mosaicme/imaging';
import { consumeWork, startPipelineApp, type PipelineOverrides } from '@mosaicme/pipeline';
import { waitFor, type RunningService } from '@mosaicme/service';
import { createLibraries } from './libraries';
import { renderOptions, tilesNeeded } from './render-options';
import { createRenderRequest, type RenderJob } from './render-request';

/** A request that lacks tiles is tried again after this time. */
const tilesPauseMs = 1_000;

/** A new photo is in the mosaics after this time; looking for each mosaic would cost more than it shows. */
const libraryMaxAgeMs = 1_000;

/**
 * Rebuilds prepared photos out of tiles, each campaign's out of its library. A request whose campaign
 * lacks tiles waits, and holds up no other.
 */
export function startEngine(
  config: EngineConfig,
  overrides: PipelineOverrides = {},
): Promise<RunningService> {
  const { rendering, work, buckets } = config;
  const planOf = ({ style }: Pick<Campaign, 'style'>) => {
    const options = renderOptions(rendering, style);
    return { options, needed: tilesNeeded(options, style.minTiles ?? rendering.minTiles) };
  };
  // Variables with which no mosaic can be made stop the program, not its first request.
  const { needed } = planOf({ style: {} });

  return startPipelineApp('engine', config, overrides, {
    work: async (context) => {
      const { logger, signal, store, metrics, onStop, addCheck } = context;
      measureImaging(metrics);
      const campaigns = openCampaigns({ ...context, buckets }, { logger });
      const known = await waitFor('the campaigns', () => campaigns.all(), { logger, signal });
      const libraries = createLibraries({
        store,
        bucket: buckets.tiles,
        memoryBudgetBytes: rendering.memoryMb * 1_000_000,
        expected: new Set(known.map(libraryOf)).size,
        cacheFolder: rendering.cacheFolder,
        logger,
        metrics,
      });
      onStop('tile libraries', () => libraries.close());
      metrics.gauge('mosaicme_tiles', {}, () => libraries.size());
      metrics.gauge('mosaicme_tiles_needed', {}, () => needed);

      const jobFor = async (campaign: Campaign): Promise<RenderJob> => {
        const libraryName = libraryOf(campaign);
        return { ...planOf(campaign), libraryName, library: await libraries.get(libraryName) };
      };
      addCheck('tiles', async () => {
        const open = (await campaigns.all()).filter(
          (campaign) => stateAt(campaign, new Date()) === 'open',
        );
        const lacking: string[] = [];
        for (const campaign of open) {
          const job = await jobFor(campaign);
          await job.library.refresh(libraryMaxAgeMs);
          if (job.library.size >= job.needed) return;
          lacking.push(`${campaign.slug} has ${job.library.size} of ${job.needed}`);
        }
        if (open.length > 0) throw new Error(`too few tiles: ${lacking.join(', ')}`);
      });

      await consumeWork(context, 'render', work.prefetch, {
        'mosaic.prepared.v1': createRenderRequest(
          { ...context, buckets, jobOf: async (slug) => jobFor(await campaigns.get(slug)) },
          { thumbnailWidth: rendering.thumbnailWidth, libraryMaxAgeMs, tilesPauseMs },
        ),
      });
    },
  });
}
