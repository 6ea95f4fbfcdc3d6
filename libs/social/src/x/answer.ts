import { codeOf, messageOf, TransientError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import { PostRefused, type AnswerRequest } from '../port';
import { clip } from '../clip';
import type { XClient } from './client';
import { toPostingError, toXError } from './errors';
import { xLimits } from './limits';
import { uploadPicture, type UploadedMedia } from './upload';

/** Uploads that are kept for a second attempt; the oldest are forgotten first. */
const keptUploads = 500;
/** An upload that X forgets this soon is not used any more, in milliseconds. */
const safetyMs = 10 * 60_000;

export interface AnswerPorts {
  readonly client: XClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Limit for the processing of a picture at X, in milliseconds. */
  readonly processingMs: number;
}

/**
 * Posts replies with a picture. A picture that was uploaded in a failed attempt is used by the next one
 * with the same key.
 */
export function createAnswering({ client, logger, signal, processingMs }: AnswerPorts) {
  const uploads = new Map<string, UploadedMedia>();

  /** @returns The id of the reply. @throws see `Network.answer`. */
  return async (request: AnswerRequest): Promise<string> => {
    const { inReplyTo, replyTo = inReplyTo, text, key } = request;
    checkLimits(request);
    const media = await uploaded(request);
    await request.beforePosting?.();
    try {
      const { data } = await client.user.v2.reply(text, replyTo, {
        media: { media_ids: [media.id] },
      });
      uploads.delete(key);
      return data.id;
    } catch (error) {
      const fault = toPostingError(error, `while answering post ${inReplyTo}`);
      if (!(fault instanceof PostRefused) || !/media/i.test(fault.message)) throw fault;
      uploads.delete(key);
      throw new TransientError(
        'x.media-gone',
        `X does not know the uploaded picture any more; it is uploaded again: ${fault.message}`,
        { cause: fault },
      );
    }
  };

  async function uploaded({ key, inReplyTo, picture }: AnswerRequest): Promise<UploadedMedia> {
    const known = uploads.get(key);
    if (known && known.expiresAt > Date.now() + safetyMs) return known;
    const doing = `while uploading the picture for post ${inReplyTo}`;
    const media = await uploadPicture(client.user, picture, {
      signal,
      deadlineMs: processingMs,
    }).catch((error: unknown) => {
      throw toXError(error, doing, 'uploading');
    });
    await describe(media.id, picture.altText, inReplyTo);
    uploads.set(key, media);
    for (const oldest of uploads.keys()) {
      if (uploads.size <= keptUploads) break;
      uploads.delete(oldest);
    }
    return media;
  }

  async function describe(mediaId: string, altText: string, inReplyTo: string): Promise<void> {
    try {
      const text = clip(altText, xLimits.altText);
      await client.user.v2.createMediaMetadata(mediaId, { alt_text: { text } });
    } catch (error) {
      const code = codeOf(toXError(error, 'while describing the picture', 'uploading'));
      logger.warn(
        { inReplyTo, code, reason: messageOf(error) },
        'The picture stays without its description; the answer goes on.',
      );
    }
  }
}

function checkLimits({ text, picture }: AnswerRequest): void {
  const { pictureBytes, maxText, length } = xLimits;
  if (picture.bytes.length > pictureBytes) {
    throw new PostRefused(
      'x.picture-too-large',
      `The picture has ${picture.bytes.length} bytes and X takes at most ${pictureBytes}: ` +
        `answer with a smaller preview.`,
    );
  }
  if (length(text) > maxText) {
    throw new PostRefused(
      'x.text-too-long',
      `The text weighs ${length(text)} characters and X takes at most ${maxText}: shorten it.`,
    );
  }
}
