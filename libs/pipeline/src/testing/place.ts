import {
  createRequest,
  defaultBucketNames,
  defaultCampaign,
  drawingRefs,
  objectKeys,
  photoId,
  type MosaicmeEvent,
  type Photo,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { createFolderStore, writeRecord, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mosaicRecordSchema } from '@mosaicme/requests';

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
    id: photoId({ network: 'x', instance: 'x.com', postId, mediaIndex: 0 }),
    network: 'x',
    instance: 'x.com',
    postId,
    mediaIndex: 0,
    author: { id: '1', handle: 'alice' },
    link: `https://x.com/alice/status/${postId}`,
    text: '@mosaicme #mosaicme',
    postedAt: '2026-01-01T00:00:00.000Z',
  };
}

export const sampleRequest = (postId: string) =>
  createRequest(defaultCampaign, samplePhoto(postId), {
    answerable: true,
    requestedAt: new Date('2026-01-01T00:00:01.000Z'),
  });

/** Writes the record of a published mosaic, without its pictures. */
export async function publishSample(store: ObjectStore, postId: string): Promise<PublishedMosaic> {
  const request = sampleRequest(postId);
  const { id, campaign } = request;
  const revision = '5f0c9a17be34d268';
  const mosaic: PublishedMosaic = {
    ...request,
    revision,
    ...drawingRefs(defaultBucketNames, { campaign, id, revision }),
    library: defaultCampaign,
    size: { width: 320, height: 320 },
    grid: { columns: 10, rows: 10, tileSize: 32 },
    distinctTiles: 5,
    publishedAt: '2026-01-01T00:00:02.000Z',
  };
  await writeRecord(store, keys.mosaicRecord(id), mosaicRecordSchema, mosaic);
  return mosaic;
}

/** A thing in the bucket that tells what became of a photo. */
export const sampleFailure = (id: string) => ({
  id,
  step: 'prepare' as const,
  code: 'image.truncated',
  reason: 'The photo ends in the middle.',
  attempts: 1,
  failedAt: '2026-01-01T00:00:03.000Z',
});
