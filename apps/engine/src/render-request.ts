import { createEvent, type EventOf } from '@mosaicme/contracts';
import { encodeRecipe } from '@mosaicme/mosaic';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import {
  assembleRecipe,
  dotsPerInch,
  renderMosaic,
  renderThumbnail,
  type RenderOptions,
} from '@mosaicme/rendering';
import type { TileLibrary } from '@mosaicme/tile-library';

/** What it takes of the surroundings. */
export interface RenderPorts extends Pick<PipelineContext, 'app' | 'store' | 'keys'> {
  readonly messaging: Pick<PipelineContext['messaging'], 'publish'>;
}

/**
 * Rebuilds a prepared target out of tiles: stores recipe, picture and thumbnail, then announces them.
 * The picture is streamed to the store while it is assembled.
 */
export function createRenderRequest(
  { app, store, keys, messaging }: RenderPorts,
  library: TileLibrary,
  options: RenderOptions & { readonly thumbnailWidth: number },
) {
  return async (
    event: EventOf<'mosaic.prepared.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { request, target, size } = event.data;
    const { id } = request.photo;
    if (await store.head(keys.answerRecord(id))) {
      // Announced twice; its target may be swept away already.
      logger.info({}, 'this request was done before');
      return;
    }
    const { bytes } = await store.get(target);
    await library.refresh();
    await library.load(options.tileSize);
    const tiles = library.snapshot();

    const startedAt = performance.now();
    const { recipe, statistics, optimal } = await renderMosaic(bytes, size, tiles, options);
    const matchedAt = performance.now();
    const { grid } = recipe;

    const recipeRef = keys.renderedRecipe(id);
    const picture = keys.renderedPicture(id);
    const thumbnail = keys.renderedThumbnail(id);
    await store.put(recipeRef, encodeRecipe(recipe), { contentType: 'application/octet-stream' });
    await store.putStream(
      picture,
      toAsync(assembleRecipe(recipe, tiles, { dpi: dotsPerInch(options.grid) })),
      {
        contentType: 'image/jpeg',
      },
    );
    await store.put(thumbnail, await renderThumbnail(recipe, tiles, options.thumbnailWidth), {
      contentType: 'image/jpeg',
    });
    logger.info(
      {
        grid,
        tiles: tiles.size,
        optimal,
        ...statistics,
        matchMs: Math.round(matchedAt - startedAt),
        storeMs: Math.round(performance.now() - matchedAt),
      },
      'rendered',
    );
    await messaging.publish(
      createEvent(
        'mosaic.rendered.v1',
        {
          request,
          picture,
          thumbnail,
          recipe: recipeRef,
          size: { width: grid.columns * grid.tileSize, height: grid.rows * grid.tileSize },
          grid,
          distinctTiles: statistics.distinctTiles,
        },
        { app, subject: id, cause: event },
      ),
    );
  };
}

async function* toAsync<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
