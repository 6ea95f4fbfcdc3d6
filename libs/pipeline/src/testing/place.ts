import {
  defaultBucketNames,
  objectKeys,
  photoId,
  type MosaicmeEvent,
  type Photo,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mosaicRecordSchema, writeRecord } from '../records';

export const keys = objectKeys(defaultBucketNames);

/** A store in a folder, and a broker that only remembers what it was told. */
export async function createPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-'));
  const store = createFolderStore({ root: folder });
  for (const bucket of Object.values(defaultBucketNames)) await store.ensureBucket(bucket);
  const events: MosaicmeEvent[] = [];
  const ports = {
    app: 'test',
    store,
    keys,
    buckets: defaultBucketNames,
    logger: silentLogger,
    messaging: { publish: async (event: MosaicmeEvent) => void events.push(event) },
  };
  return {
    ports,
    store,
    events,
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function samplePhoto(postId: string): Photo {
  return {
    id: photoId({ network: 'x', postId, mediaIndex: 0 }),
    network: 'x',
    postId,
    mediaIndex: 0,
    author: { id: '1', handle: 'alice' },
    link: `https://x.com/alice/status/${postId}`,
    text: '@mosaicme #mosaicme',
    postedAt: '2026-01-01T00:00:00.000Z',
  };
}

export const sampleRequest = (postId: string) => ({
  photo: samplePhoto(postId),
  answerable: true,
  requestedAt: '2026-01-01T00:00:01.000Z',
});

/** Writes the record of a published mosaic, without its pictures. */
export async function publishSample(store: ObjectStore, postId: string): Promise<PublishedMosaic> {
  const photo = samplePhoto(postId);
  const mosaic: PublishedMosaic = {
    id: photo.id,
    photo,
    picture: keys.picture(photo.id),
    thumbnail: keys.thumbnail(photo.id),
    recipe: keys.recipe(photo.id),
    size: { width: 320, height: 320 },
    grid: { columns: 10, rows: 10, tileSize: 32 },
    distinctTiles: 5,
    requestedAt: '2026-01-01T00:00:01.000Z',
    publishedAt: '2026-01-01T00:00:02.000Z',
  };
  await writeRecord(store, keys.mosaicRecord(photo.id), mosaicRecordSchema, mosaic);
  return mosaic;
}

/** A thing in the bucket that tells what became of a photo. */
export const sampleFailure = (id: string) => ({
  id,
  queue: 'mosaic-in',
  code: 'image.truncated',
  reason: 'The photo ends in the middle.',
  attempts: 1,
  failedAt: '2026-01-01T00:00:03.000Z',
});
