import { createEvent, type EventOf, type PublishedMosaic } from '@mosaicme/contracts';
import {
  mosaicRecordSchema,
  readRecord,
  writeRecord,
  type PipelineContext,
} from '@mosaicme/pipeline';

export interface Published {
  readonly mosaic: PublishedMosaic;
  /** False when it was published before, and perhaps answered. */
  readonly isNew: boolean;
}

/** Pictures never change under their key. */
const forever = 'public, max-age=31536000, immutable';

/**
 * Publishes a rendered mosaic: copies picture, recipe and thumbnail to the public buckets, writes the
 * record last, then announces it. Doing it twice gives the first result again, so that the time of
 * publication never changes.
 */
export function createPublish(
  context: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
) {
  const { app, store, keys, messaging } = context;

  return async (event: EventOf<'mosaic.rendered.v1'>): Promise<Published> => {
    const { id } = event.data.request.photo;
    const before = await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema);
    const mosaic = before?.record ?? (await storeResults(event));
    await messaging.publish(
      createEvent('mosaic.published.v1', { mosaic }, { app, subject: id, cause: event }),
    );
    return { mosaic, isNew: before === undefined };
  };

  async function storeResults(event: EventOf<'mosaic.rendered.v1'>): Promise<PublishedMosaic> {
    const { request, size, grid, distinctTiles, ...rendered } = event.data;
    const { photo, requestedAt } = request;
    const picture = keys.picture(photo.id);
    const thumbnail = keys.thumbnail(photo.id);
    const recipe = keys.recipe(photo.id);
    const jpeg = { contentType: 'image/jpeg', cacheControl: forever };
    await Promise.all([
      store.copy(rendered.picture, picture, jpeg),
      store.copy(rendered.thumbnail, thumbnail, jpeg),
      store.copy(rendered.recipe, recipe, {
        contentType: 'application/octet-stream',
        cacheControl: forever,
      }),
    ]);
    const mosaic: PublishedMosaic = {
      id: photo.id,
      photo,
      picture,
      thumbnail,
      recipe,
      size,
      grid,
      distinctTiles,
      requestedAt,
      publishedAt: new Date().toISOString(),
    };
    await writeRecord(store, keys.mosaicRecord(photo.id), mosaicRecordSchema, mosaic);
    return mosaic;
  }
}
