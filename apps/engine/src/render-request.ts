import {
  createEvent,
  drawingRefs,
  type BucketNames,
  type EventOf,
  type ObjectRef,
} from '@mosaicme/contracts';
import { DeferredError } from '@mosaicme/errors';
import { encodeRecipe, pictureSize } from '@mosaicme/mosaic';
import { ObjectNotFound } from '@mosaicme/object-store';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import {
  assembleRecipe,
  dotsPerInch,
  renderedSizes,
  renderMosaic,
  renderThumbnail,
  type RenderOptions,
} from '@mosaicme/rendering';
import { isSettled } from '@mosaicme/requests';
import type { TileLibrary } from '@mosaicme/tile-library';
import { createHash } from 'node:crypto';

/** What it takes of the surroundings. */
export interface RenderPorts extends Pick<PipelineContext, 'app' | 'store' | 'keys'> {
  readonly buckets: BucketNames;
  readonly messaging: Pick<PipelineContext['messaging'], 'publish'>;
  /** @throws PermanentError where there is no such campaign. */
  readonly jobOf: (campaign: string) => Promise<RenderJob>;
}

/** How the mosaics of one campaign are made, and of what. */
export interface RenderJob {
  readonly options: RenderOptions;
  /** Name of the tile library. */
  readonly libraryName: string;
  readonly library: TileLibrary;
  /** Tiles that it must have. */
  readonly needed: number;
}

export interface RenderSettings {
  /** Pixels. */
  readonly thumbnailWidth: number;
  /** Milliseconds after which it looks for new tiles before it renders. */
  readonly libraryMaxAgeMs: number;
  /** Milliseconds after which a request that lacks tiles is tried again. */
  readonly tilesPauseMs: number;
}

/** Drawings of a revision never change, so browsers and proxies may keep them. */
const forever = 'public, max-age=31536000, immutable';

/**
 * Rebuilds a prepared target out of tiles: stores recipe, picture and thumbnail under their revision,
 * where they will be read, then announces them. Nothing of it is public before its record names it. The
 * picture is streamed to the store while it is assembled.
 */
export function createRenderRequest(
  { app, store, keys, buckets, messaging, jobOf }: RenderPorts,
  { thumbnailWidth, libraryMaxAgeMs, tilesPauseMs }: RenderSettings,
) {
  return async (
    event: EventOf<'mosaic.prepared.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { request, target, size, replaces } = event.data;
    const { id, campaign } = request;
    const { options, library, libraryName, needed } = await jobOf(campaign);
    // What replaces a drawing must not use what was removed since.
    await library.refresh(replaces === undefined ? libraryMaxAgeMs : 0);
    if (library.size < needed) throw tooFewTiles(campaign, library.size, needed);
    const bytes = await readTarget(id, target);
    if (!bytes) {
      logger.info({}, 'skipped: this request is settled');
      return;
    }
    for (const tileSize of renderedSizes(options)) await library.load(tileSize);
    const tiles = library.snapshot();

    const startedAt = performance.now();
    const { recipe, statistics, optimal, relaxed } = await renderMosaic(
      bytes,
      size,
      tiles,
      options,
    );
    const matchedAt = performance.now();
    const { columns, rows, unit, count } = recipe.layout;
    const grid = { columns, rows, tileSize: unit, cells: count };

    const dpi = dotsPerInch(options.grid);
    const encoded = encodeRecipe(recipe);
    const revision = revisionOf(encoded, { dpi, thumbnailWidth });
    const refs = drawingRefs(buckets, { campaign, id, revision });
    const jpeg = { contentType: 'image/jpeg', cacheControl: forever };
    await Promise.all([
      store.put(refs.recipe, encoded, {
        contentType: 'application/octet-stream',
        cacheControl: forever,
      }),
      store.putStream(refs.picture, toAsync(assembleRecipe(recipe, tiles, { dpi })), jpeg),
      renderThumbnail(recipe, tiles, thumbnailWidth).then((thumbnail) =>
        store.put(refs.thumbnail, thumbnail, jpeg),
      ),
    ]);
    logger.info(
      {
        grid,
        tiles: tiles.size,
        optimal,
        ...(relaxed.length > 0 && { relaxed }),
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
          revision,
          ...refs,
          library: libraryName,
          size: pictureSize(recipe.layout),
          grid,
          distinctTiles: statistics.distinctTiles,
          ...(replaces !== undefined && { replaces }),
        },
        { app, subject: id, key: revision, cause: event },
      ),
    );
  };

  function tooFewTiles(campaign: string, size: number, needed: number): DeferredError {
    return new DeferredError(
      'engine.too-few-tiles',
      `the library of the campaign '${campaign}' has ${size} of the ${needed} tiles that its least ` +
        'number of tiles, repeat distance and most uses ask for',
      new Date(Date.now() + tilesPauseMs),
    );
  }

  /** Undefined when it was swept away because its request, announced twice, is done. */
  async function readTarget(id: string, target: ObjectRef): Promise<Uint8Array | undefined> {
    try {
      return (await store.get(target)).bytes;
    } catch (error) {
      if (error instanceof ObjectNotFound && (await isSettled({ store, keys }, id))) {
        return undefined;
      }
      throw error;
    }
  }
}

async function* toAsync<Value>(values: Iterable<Value>): AsyncGenerator<Value> {
  yield* values;
}

/** Names a drawing by all that decides on its bytes: 64 bits of SHA-256. */
function revisionOf(
  recipe: Uint8Array,
  drawing: { readonly dpi: number | undefined; readonly thumbnailWidth: number },
): string {
  return createHash('sha256')
    .update(JSON.stringify([drawing.dpi ?? 0, drawing.thumbnailWidth]))
    .update(recipe)
    .digest('hex')
    .slice(0, 16);
}
