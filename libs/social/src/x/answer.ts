import { codeOf, messageOf, PermanentError } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';
import type { AnswerRequest } from '../port';
import type { XClient } from './client';
import { toPostingError, toXError } from './errors';

/** X's limit for a picture, in bytes. */
const maxPictureBytes = 5 * 1024 * 1024;
/** X's limit for a description, in characters. */
const maxAltText = 1000;

/**
 * Uploads the picture, describes it and posts the reply.
 *
 * @returns The id of the reply.
 * @throws PermanentError, TransientError; see `Network.answer`. `x.outcome-unknown` when X may have
 *   accepted the reply although no answer came.
 */
export async function postAnswer(
  client: XClient,
  { inReplyTo, text, picture, beforePosting }: AnswerRequest,
  logger: Logger,
): Promise<string> {
  if (picture.bytes.length > maxPictureBytes) {
    throw new PermanentError(
      'x.picture-too-large',
      `The picture has ${picture.bytes.length} bytes and X takes at most ${maxPictureBytes}: ` +
        `answer with a smaller preview.`,
    );
  }
  const { v2 } = client.user;
  const doing = `while answering post ${inReplyTo}`;
  const mediaId = await v2
    .uploadMedia(Buffer.from(picture.bytes), { media_type: picture.contentType })
    .catch((error: unknown) => {
      throw toXError(error, `while uploading the picture for post ${inReplyTo}`);
    });
  try {
    const altText = picture.altText.slice(0, maxAltText);
    await v2.createMediaMetadata(mediaId, { alt_text: { text: altText } });
  } catch (error) {
    logger.warn(
      { inReplyTo, code: codeOf(toXError(error, doing)), reason: messageOf(error) },
      'The picture stays without its description; the answer goes on.',
    );
  }
  await beforePosting?.();
  try {
    const { data } = await v2.reply(text, inReplyTo, { media: { media_ids: [mediaId] } });
    return data.id;
  } catch (error) {
    throw toPostingError(error, doing);
  }
}
