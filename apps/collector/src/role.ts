import type { CollectorConfig } from '@mosaicme/config';
import { PermanentError } from '@mosaicme/errors';

/** What a collector is for: requests, or raw photos for the tile library. */
export interface CollectorRole {
  readonly takes: 'requests' | 'raw photos';
  /** Bucket for the photos. */
  readonly bucket: string;
}

/**
 * The guide's rule: with MOSAIC_QUEUE a collector takes requests, without it raw photos.
 *
 * @throws PermanentError when MOSAIC_QUEUE is not the queue that sync-downloader reads.
 */
export function collectorRole({ collecting, buckets, queues }: CollectorConfig): CollectorRole {
  const { queue, bucket, defaultBucket } = collecting;
  if (queue === undefined) {
    return { takes: 'raw photos', bucket: bucket ?? defaultBucket ?? buckets.raw };
  }
  if (queue !== queues.prepare) {
    throw new PermanentError(
      'collector.queue',
      `MOSAIC_QUEUE is '${queue}' but requests are read from '${queues.prepare}'; set QUEUE_IN to '${queue}' for every app, or MOSAIC_QUEUE to '${queues.prepare}'.`,
    );
  }
  return { takes: 'requests', bucket: bucket ?? defaultBucket ?? buckets.in };
}
