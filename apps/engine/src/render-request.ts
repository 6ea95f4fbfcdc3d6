import { createEvent, type EventOf, type ObjectRef } from '@mosaicme/contracts';
import { encodeRecipe, pictureSize } from '@mosaicme/mosaic';
import { ObjectNotFound } from '@mosaicme/object-store';
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

export interface RenderSettings extends RenderOptions {
  /** Pixels. */
  readonly thumbnailWidth: number;
  /** Milliseconds after which it looks for new tiles before it renders. */
  readonly libraryMaxAgeMs: number;
}

/**
 * Rebuilds a prepared target out of tiles: stores recipe, picture and thumbnail, then announces them.
 * The picture is streamed to the store while it is assembled.
 */
export function createRenderRequest(
  { app, store, keys, messaging }: RenderPorts,
  library: TileLibrary,
  options: RenderSettings,
) {
  return async (
    event: EventOf<'mosaic.prepared.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { request, target, size } = event.data;
    const { id } = request.photo;
    const bytes = await readTarget(id, target);
    if (!bytes) {
      logger.info({}, 'this request was done before');
      return;
    }
    await library.refresh(options.libraryMaxAgeMs);
    await library.load(options.tileSize);
    const tiles = library.snapshot();

    const startedAt = performance.now();
    const { recipe, statistics, optimal } = await renderMosaic(bytes, size, tiles, options);
    const matchedAt = performance.now();
    const { columns, rows, unit, count } = recipe.layout;
    const grid = { columns, rows, tileSize: unit, cells: count };

    const recipeRef = keys.renderedRecipe(id);
    const picture = keys.renderedPicture(id);
    const thumbnail = keys.renderedThumbnail(id);
    const chunks = assembleRecipe(recipe, tiles, { dpi: dotsPerInch(options.grid) });
    await Promise.all([
      store.put(recipeRef, encodeRecipe(recipe), { contentType: 'application/octet-stream' }),
      store.putStream(picture, toAsync(chunks), { contentType: 'image/jpeg' }),
      renderThumbnail(recipe, tiles, options.thumbnailWidth).then((jpeg) =>
        store.put(thumbnail, jpeg, { contentType: 'image/jpeg' }),
      ),
    ]);
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
          size: pictureSize(recipe.layout),
          grid,
          distinctTiles: statistics.distinctTiles,
        },
        { app, subject: id, cause: event },
      ),
    );
  };

  /** Undefined when it was swept away because its request, announced twice, is done. */
  async function readTarget(id: string, target: ObjectRef): Promise<Uint8Array | undefined> {
    try {
      return (await store.get(target)).bytes;
    } catch (error) {
      if (error instanceof ObjectNotFound && (await store.head(keys.answerRecord(id)))) {
        return undefined;
      }
      throw error;
    }
  }
}

async function* toAsync<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}
