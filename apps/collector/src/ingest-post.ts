import { sleep } from '@mosaicme/async';
import { photoId, type Photo } from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import {
  reportFailure,
  submitRawPhoto,
  submitRequest,
  type FetchedPhoto,
  type SubmitPorts,
} from '@mosaicme/pipeline';
import { waitFor, withCorrelation, type Logger } from '@mosaicme/service';
import type { Post, PostMedia } from '@mosaicme/social';
import type { CollectorRole } from './role';

export interface IngestPostPorts extends SubmitPorts {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Fetches a picture; see `downloadMedia` for its limits. */
  readonly download: (url: string) => Promise<FetchedPhoto>;
  /** Pauses between attempts to fetch a picture, in milliseconds. */
  readonly retryPausesMs: readonly number[];
}

/**
 * Ingests every photo of a post. A photo that was ingested before is skipped. A photo that cannot be
 * fetched is reported as a failure; a store or broker that is away is waited for.
 */
export function createIngestPost(ports: IngestPostPorts, role: CollectorRole) {
  const { store, keys, signal } = ports;

  return async (post: Post): Promise<void> => {
    if (post.restricted !== undefined) {
      ports.logger.info(
        { post: post.link, reason: post.restricted },
        'post skipped: not for the public',
      );
      return;
    }
    for (const media of post.media) {
      const photo = toPhoto(post, media);
      await withCorrelation(photo.id, () => ingestPhoto(post, media, photo));
    }
  };

  async function ingestPhoto(post: Post, media: PostMedia, photo: Photo): Promise<void> {
    const logger = ports.logger.child({ correlationId: photo.id, post: post.link });
    const record =
      role.takes === 'requests' ? keys.requestRecord(photo.id) : keys.rawRecord(photo.id);
    const wait = { logger, signal };
    if (await waitFor('the object store', () => store.head(record), wait)) {
      logger.debug({}, 'photo skipped: it was ingested before');
      return;
    }
    let fetched: FetchedPhoto;
    try {
      fetched = await fetchWithRetries(media.url, logger);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ error }, `photo not ingested: ${messageOf(error)}`);
      await waitFor(
        'store and broker',
        () =>
          reportFailure(ports, {
            photo,
            queue: 'collector',
            error,
            attempts: isPermanent(error) ? 1 : ports.retryPausesMs.length + 1,
          }),
        wait,
      );
      return;
    }
    await waitFor('store and broker', () => submit(post, photo, fetched), wait);
    logger.info({ bytes: fetched.bytes.length }, 'photo ingested');
  }

  async function fetchWithRetries(url: string, logger: Logger): Promise<FetchedPhoto> {
    for (const pauseMs of ports.retryPausesMs) {
      try {
        return await ports.download(url);
      } catch (error) {
        if (isPermanent(error)) throw error;
        logger.info({ pauseMs, reason: messageOf(error) }, 'photo not fetched, trying again');
        await sleep(pauseMs, signal);
      }
    }
    return ports.download(url);
  }

  function submit(post: Post, photo: Photo, fetched: FetchedPhoto): Promise<void> {
    if (role.takes === 'raw photos') return submitRawPhoto(ports, photo, fetched, role.bucket);
    const request = {
      photo,
      // One answer for each post: its first photo's, which need not be its first medium.
      answerable: post.answerable && photo.mediaIndex === post.media[0]?.mediaIndex,
      requestedAt: new Date().toISOString(),
    };
    return submitRequest(ports, request, fetched, role.bucket);
  }
}

/** The photo as it travels through the events. */
export function toPhoto(post: Post, { mediaIndex }: PostMedia): Photo {
  const { id: postId, replyTo, author, link, text, postedAt } = post;
  const network = post.network.name;
  return {
    id: photoId({ network, postId, mediaIndex }),
    network,
    postId,
    ...(replyTo !== undefined && { replyTo }),
    mediaIndex,
    author: { ...author },
    link,
    text,
    postedAt: postedAt.toISOString(),
  };
}
