import { sleep } from '@mosaicme/async';
import { TransientError } from '@mosaicme/errors';
import type { mastodon } from 'masto';
import { clip } from '../clip';
import {
  PostRefused,
  type AnswerQuery,
  type AnswerRequest,
  type NetworkLimits,
  type PostedAnswer,
} from '../port';
import type { MastodonApi } from './api';
import { toMastodonError } from './errors';
import type { MastodonTimings } from './timings';

/** What the clocks here and at the server may differ, in milliseconds. */
const clockSkewMs = 60_000;
/** Uploads that are kept for a second attempt; the oldest are forgotten first. */
const keptUploads = 500;

export interface AnswerPorts {
  readonly api: MastodonApi;
  readonly me: () => Promise<{ readonly id: string }>;
  /** What the server itself says that it takes. */
  readonly limits: () => Promise<NetworkLimits>;
  /** What was told of the limits until now. */
  readonly toldLimits: () => NetworkLimits;
  readonly timings: MastodonTimings;
  readonly signal: AbortSignal;
}

/**
 * Posts answers, each once: by the server's idempotency key for an hour, then by what the bot posted.
 */
export function createAnswering(ports: AnswerPorts) {
  const { api, timings, signal } = ports;
  const uploads = new Map<string, string>();

  const answer = async (request: AnswerRequest): Promise<PostedAnswer> => {
    const { inReplyTo, key, text, firstAttemptAt } = request;
    const told = ports.toldLimits();
    const limits = await ports.limits();
    checkLimits(request, limits, told);
    if (Date.now() - firstAttemptAt.getTime() > timings.keyMs) {
      const posted = await find({ ...targetOf(request), since: firstAttemptAt });
      if (posted) return posted;
    }
    const localId = localIdOf(request);
    const mediaId = await uploaded(request, limits);
    await request.beforePosting?.();
    try {
      const status = await api.rest.v1.statuses.create(
        { status: text, inReplyToId: localId, mediaIds: [mediaId], visibility: 'public' },
        { requestInit: { headers: { 'Idempotency-Key': key } } },
      );
      uploads.delete(key);
      return postedOf(status);
    } catch (error) {
      const fault = toMastodonError(error, `while answering ${inReplyTo}`, 'posting');
      if (fault instanceof PostRefused) uploads.delete(key);
      throw fault;
    }
  };

  const find = async (query: AnswerQuery): Promise<PostedAnswer | undefined> => {
    const localId = localIdOf(query);
    const { id } = await ports.me();
    const notBefore = query.since.getTime() - clockSkewMs;
    for await (const page of api.own(id)) {
      const answer = page.find(({ inReplyToId }) => inReplyToId === localId);
      if (answer) return postedOf(answer);
      const oldest = page.at(-1);
      if (oldest && Date.parse(oldest.createdAt) < notBefore) return undefined;
    }
    return undefined;
  };

  return { answer, find };

  async function uploaded(
    { key, inReplyTo, picture }: AnswerRequest,
    limits: NetworkLimits,
  ): Promise<string> {
    const known = uploads.get(key);
    if (known !== undefined) return known;
    const doing = `while uploading the picture for ${inReplyTo}`;
    try {
      const file = new Blob([Uint8Array.from(picture.bytes)], { type: picture.contentType });
      let media: mastodon.v1.MediaAttachment = await api.rest.v2.media.create({
        file,
        description: clip(picture.altText, limits.altText),
        skipPolling: true,
      });
      const startedAt = Date.now();
      while (!media.url) {
        if (Date.now() - startedAt > timings.processingMs) {
          throw new TransientError(
            'mastodon.picture-not-ready',
            `The server did not finish with the picture within ${timings.processingMs} ms.`,
          );
        }
        await sleep(timings.mediaPollMs, signal);
        media = await api.rest.v1.media.$select(media.id).fetch();
      }
      uploads.set(key, media.id);
      for (const oldest of uploads.keys()) {
        if (uploads.size <= keptUploads) break;
        uploads.delete(oldest);
      }
      return media.id;
    } catch (error) {
      throw toMastodonError(error, doing, 'uploading');
    }
  }
}

const targetOf = ({ inReplyTo, replyTo, key }: AnswerRequest) => ({
  inReplyTo,
  key,
  ...(replyTo !== undefined && { replyTo }),
});

const postedOf = ({ id, url, uri }: mastodon.v1.Status): PostedAnswer => ({
  postId: id,
  link: url ?? uri,
});

/**
 * The local id of a post: as it was told, else at the end of the address of a post of this very server.
 *
 * @throws PostRefused when neither says it.
 */
export function localIdOf({
  inReplyTo,
  replyTo,
}: {
  readonly inReplyTo: string;
  readonly replyTo?: string;
}): string {
  const id = replyTo ?? /\/(\d+)$/.exec(inReplyTo)?.[1];
  if (id !== undefined) return id;
  throw new PostRefused(
    'mastodon.unknown-post',
    `The server's own id of the post ${inReplyTo} is not known, so it cannot be answered.`,
  );
}

/** @param told What was known when the request was made. */
function checkLimits(request: AnswerRequest, limits: NetworkLimits, told: NetworkLimits): void {
  const problem = problemOf(request, limits);
  if (problem === undefined) return;
  // Who asked could not know: the server has only just said what it takes.
  if (problemOf(request, told) === undefined) {
    throw new TransientError('mastodon.limits-learned', problem);
  }
  throw new PostRefused('mastodon.too-large', problem);
}

function problemOf({ text, picture }: AnswerRequest, limits: NetworkLimits): string | undefined {
  const { bytes, size = { width: 0, height: 0 } } = picture;
  const pixels = size.width * size.height;
  if (bytes.length > limits.pictureBytes) {
    return (
      `The picture has ${bytes.length} bytes and the server takes at most ${limits.pictureBytes}: ` +
      `answer with a smaller preview.`
    );
  }
  if (pixels > limits.picturePixels) {
    return (
      `The picture has ${pixels} pixels and the server takes at most ${limits.picturePixels}: ` +
      `answer with a smaller preview.`
    );
  }
  const length = limits.length(text);
  if (length <= limits.maxText) return undefined;
  return `The text has ${length} characters and the server takes at most ${limits.maxText}: shorten it.`;
}
