import {
  createEvent,
  drawingOfKey,
  prefixes,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import type { JanitorPorts } from './ports';

/** What the removal of a mosaic has to know of it. */
export interface RemovableMosaic {
  readonly id: string;
  readonly campaign: string;
  readonly photo: Photo;
}

/**
 * Takes a mosaic out of the public: its record first, so that nothing names what is deleted after it, then
 * the news for the catalogue and for the answer, then every drawing of it. Repeating it is harmless.
 */
export async function removeMosaic(
  { app, store, keys, messaging, buckets }: Omit<JanitorPorts, 'logger'>,
  { id, campaign, photo }: RemovableMosaic,
): Promise<void> {
  await store.delete(keys.mosaicRecord(id));
  const { network, instance, postId, replyTo } = photo;
  const post = { network, instance, postId, ...(replyTo !== undefined && { replyTo }) };
  await messaging.publish(
    createEvent('mosaic.withdrawn.v1', { id, campaign, post }, { app, subject: id }),
  );
  const drawings: ObjectRef[] = [];
  for (const bucket of [buckets.outLarge, buckets.outSmall]) {
    const prefix = `${prefixes.drawings}${campaign}/${id}/`;
    for await (const { key } of store.list(bucket, { prefix })) {
      if (drawingOfKey(key)) drawings.push({ bucket, key });
    }
  }
  if (drawings.length > 0) await store.deleteMany(drawings);
}
