import { createEvent, type Answer, type EventOf, type PublishedMosaic } from '@mosaicme/contracts';
import { codeOf, isPermanent, messageOf } from '@mosaicme/errors';
import {
  answerRecordSchema,
  readRecord,
  writeRecord,
  type PipelineContext,
} from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import { answerText, type Network } from '@mosaicme/social';

export interface AnswerSettings {
  /** Whether posts are answered at all. */
  readonly enabled: boolean;
  /** Text with two %s: author, link. */
  readonly template: string;
  /** Public address of the gallery. */
  readonly publicUrl: string;
  /** Attach the large picture where it is small enough for the network, else the thumbnail. */
  readonly largeImage: boolean;
}

/** Largest picture that X takes in a post, in bytes. */
const maxPictureBytes = 5_000_000;

/**
 * Answers the post of a published mosaic, once. An intent is written before the network is asked, the
 * outcome afterwards. When an attempt ended without a word, the next one repeats the same text, and a
 * refusal as a duplicate then means that the first one had arrived.
 */
export function createAnswer(
  context: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  networks: ReadonlyMap<string, Network>,
  settings: AnswerSettings,
) {
  const { app, store, keys, messaging } = context;

  return async (
    event: EventOf<'mosaic.rendered.v1'>,
    mosaic: PublishedMosaic,
    logger: Logger,
  ): Promise<void> => {
    const { id } = mosaic;
    const answer = await settle(event, mosaic, logger);
    await messaging.publish(
      createEvent('mosaic.answered.v1', { id, answer }, { app, subject: id, cause: event }),
    );
  };

  async function settle(
    event: EventOf<'mosaic.rendered.v1'>,
    mosaic: PublishedMosaic,
    logger: Logger,
  ): Promise<Answer> {
    const { request } = event.data;
    const ref = keys.answerRecord(mosaic.id);
    const before = await readRecord(store, ref, answerRecordSchema);
    if (before?.record.answer) return before.record.answer;

    const intendedAt = before?.record.intendedAt ?? new Date().toISOString();
    const network = networks.get(mosaic.photo.network);
    const answer: Answer = !settings.enabled
      ? { status: 'not-answerable', reason: 'answers are switched off' }
      : !network
        ? {
            status: 'not-answerable',
            reason: `there is nobody to answer on '${mosaic.photo.network}'`,
          }
        : !request.answerable
          ? { status: 'not-answerable', reason: 'the post does not mention the bot' }
          : await ask(network, mosaic, intendedAt, before !== undefined);
    await writeRecord(store, ref, answerRecordSchema, { id: mosaic.id, intendedAt, answer });
    logger.info({ status: answer.status }, 'answer settled');
    return answer;
  }

  async function ask(
    network: Network,
    mosaic: PublishedMosaic,
    intendedAt: string,
    askedBefore: boolean,
  ): Promise<Answer> {
    const { id, photo } = mosaic;
    const link = `${settings.publicUrl}/mosaic/${id}/`;
    const text = answerText(settings.template, { handle: photo.author.handle, link });
    const bytes = await pictureFor(mosaic);
    if (!askedBefore) {
      await writeRecord(store, keys.answerRecord(id), answerRecordSchema, { id, intendedAt });
    }
    try {
      const { postId, link: answerLink } = await network.answer({
        inReplyTo: photo.postId,
        text,
        picture: {
          bytes,
          contentType: 'image/jpeg',
          altText: `A mosaic of ${mosaic.grid.columns * mosaic.grid.rows} small photos, made from a photo by @${photo.author.handle}.`,
        },
      });
      return { status: 'answered', postId, link: answerLink, answeredAt: new Date().toISOString() };
    } catch (error) {
      if (!isPermanent(error)) throw error;
      if (askedBefore && codeOf(error) === 'x.duplicate') {
        return { status: 'answered', answeredAt: new Date().toISOString() };
      }
      return { status: 'refused', reason: messageOf(error) };
    }
  }

  async function pictureFor(mosaic: PublishedMosaic): Promise<Uint8Array> {
    const large = settings.largeImage ? await store.head(mosaic.picture) : undefined;
    const fits = large !== undefined && large.size <= maxPictureBytes;
    return (await store.get(fits ? mosaic.picture : mosaic.thumbnail)).bytes;
  }
}
