import { sleep } from '@mosaicme/async';
import {
  createRequest,
  defaultCampaign,
  photoId,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
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
      const item = itemOf(post, media);
      await withCorrelation(item.subject.id, () => ingest(post, media, item));
    }
  };

  async function ingest(post: Post, media: PostMedia, item: Item): Promise<void> {
    const logger = ports.logger.child({ correlationId: item.subject.id, post: post.link });
    const wait = { logger, signal };
    if (await waitFor('the object store', () => store.head(item.record), wait)) {
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
            subject: item.subject,
            step: 'ingest',
            error,
            attempts: isPermanent(error) ? 1 : ports.retryPausesMs.length + 1,
          }),
        wait,
      );
      return;
    }
    await waitFor('store and broker', () => item.submit(fetched), wait);
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

  function itemOf(post: Post, media: PostMedia): Item {
    const photo = toPhoto(post, media);
    if (role.takes === 'raw photos') {
      return {
        subject: { id: photo.id, photo },
        record: keys.rawRecord(photo.id),
        submit: (fetched) =>
          submitRawPhoto(ports, { photo, library: defaultCampaign }, fetched, role.bucket),
      };
    }
    // One answer for each post: its first photo's, which need not be its first medium.
    const answerable = post.answerable && post.media[0]?.mediaIndex === media.mediaIndex;
    const request = createRequest(defaultCampaign, photo, { answerable });
    return {
      subject: request,
      record: keys.requestRecord(request.id),
      submit: (fetched) => submitRequest(ports, request, fetched, role.bucket),
    };
  }
}

/** What becomes of one photo of a post. */
interface Item {
  readonly subject: { readonly id: string; readonly campaign?: string; readonly photo: Photo };
  /** Where it is, this was ingested before. */
  readonly record: ObjectRef;
  readonly submit: (fetched: FetchedPhoto) => Promise<void>;
}

/** The photo as it travels through the events. */
export function toPhoto(post: Post, { mediaIndex }: PostMedia): Photo {
  const { id: postId, replyTo, author, link, text, postedAt } = post;
  const { name: network, instance } = post.network;
  return {
    id: photoId({ network, instance, postId, mediaIndex }),
    network,
    instance,
    postId,
    ...(replyTo !== undefined && { replyTo }),
    mediaIndex,
    author: { ...author },
    link,
    text,
    postedAt: postedAt.toISOString(),
  };
}
