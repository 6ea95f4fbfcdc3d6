import { sleep } from '@mosaicme/async';
import { createRequest, photoId, type Photo } from '@mosaicme/contracts';
import { isPermanent, messageOf, PermanentError } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import {
  reportFailure,
  submitRawPhoto,
  submitRequest,
  type FetchedPhoto,
  type IngestPorts,
  type Submitted,
} from '@mosaicme/pipeline';
import { rawRecordSchema } from '@mosaicme/requests';
import { waitFor, withCorrelation, type Logger } from '@mosaicme/service';
import type { Post, PostMedia } from '@mosaicme/social';
import { librariesOf, type Destination } from './campaigns';
import type { CollectorRole } from './role';

export interface IngestPostPorts extends IngestPorts {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Fetches a picture; see `downloadMedia` for its limits. */
  readonly download: (url: string) => Promise<FetchedPhoto>;
  /** The campaigns that want a post. */
  readonly destinationsOf: (post: Post) => Promise<readonly Destination[]>;
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
    const destinations = await waitFor('the campaigns', () => ports.destinationsOf(post), {
      logger: ports.logger,
      signal,
    });
    for (const media of post.media) {
      // One download serves all campaigns that want the photo.
      const fetched = onceOnly((logger: Logger) => fetchWithRetries(media.url, logger));
      for (const item of itemsOf(post, media, destinations)) {
        await withCorrelation(item.subject.id, () => ingest(post, item, fetched));
      }
    }
  };

  async function ingest(
    post: Post,
    item: Item,
    fetch: (logger: Logger) => Promise<FetchedPhoto>,
  ): Promise<void> {
    const logger = ports.logger.child({ correlationId: item.subject.id, post: post.link });
    const wait = { logger, signal };
    if (await waitFor('the object store', () => item.isKnown(), wait)) {
      logger.debug({}, 'photo skipped: it was ingested before');
      return;
    }
    let fetched: FetchedPhoto;
    try {
      if (item.refusal) throw item.refusal;
      fetched = await fetch(logger);
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
    const outcome = await waitFor('store and broker', () => item.submit(fetched), wait);
    if (outcome === 'withdrawn') logger.info({}, 'photo skipped: withdrawn');
    else logger.info({ bytes: fetched.bytes.length }, 'photo ingested');
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

  function itemsOf(
    post: Post,
    media: PostMedia,
    destinations: readonly Destination[],
  ): readonly Item[] {
    const photo = toPhoto(post, media);
    if (role.takes === 'raw photos') {
      return librariesOf(destinations).map((library) => ({
        subject: { id: photo.id, photo },
        isKnown: async () => {
          const found = await readRecord(store, keys.rawRecord(photo.id), rawRecordSchema);
          return found?.record.libraries.includes(library) ?? false;
        },
        submit: (fetched) => submitRawPhoto(ports, { photo, library }, fetched, role.bucket),
      }));
    }
    // One answer for each post: its first photo's, which need not be its first medium.
    const answerable = post.answerable && post.media[0]?.mediaIndex === media.mediaIndex;
    return destinations.map(({ campaign, isOpen }, index) => {
      // Nor two of two campaigns.
      const request = createRequest(campaign.slug, photo, {
        answerable: answerable && index === 0,
      });
      return {
        subject: request,
        ...(!isOpen && { refusal: tooLate(campaign.slug) }),
        isKnown: async () => {
          if (await store.head(keys.requestRecord(request.id))) return true;
          return !isOpen && (await store.head(keys.failureRecord(request.id))) !== undefined;
        },
        submit: (fetched) => submitRequest(ports, request, fetched, role.bucket),
      };
    });
  }
}

/** What becomes of one photo of a post in one campaign. */
interface Item {
  readonly subject: { readonly id: string; readonly campaign?: string; readonly photo: Photo };
  /** Why it is not taken; recorded as its failure, so that its author can be told. */
  readonly refusal?: PermanentError;
  /** Was it ingested before? */
  readonly isKnown: () => Promise<boolean>;
  readonly submit: (fetched: FetchedPhoto) => Promise<Submitted>;
}

const tooLate = (campaign: string): PermanentError =>
  new PermanentError(
    'campaign.closed',
    `The campaign '${campaign}' is closed; photos that are posted now do not take part.`,
  );

/** The first call does it; later ones get the same. */
function onceOnly<Parameter, Result>(
  work: (parameter: Parameter) => Promise<Result>,
): (parameter: Parameter) => Promise<Result> {
  let result: Promise<Result> | undefined;
  return (parameter) => (result ??= work(parameter));
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
