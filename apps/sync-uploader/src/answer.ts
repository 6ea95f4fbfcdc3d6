import {
  cellsOf,
  createEvent,
  type Answer,
  type EventOf,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import { readRecord, writeRecord } from '@mosaicme/object-store';
import { answerRecordSchema } from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import {
  AlreadyAnswered,
  answerText,
  PostRefused,
  type Network,
  type Networks,
} from '@mosaicme/social';
import { createAnswerOnce } from './answer-once';

export interface AnswerSettings {
  /** Whether posts are answered at all. */
  readonly enabled: boolean;
  /** Text with two %s: author, link. */
  readonly template: string;
  /** Public address of the gallery. */
  readonly publicUrl: string;
  /** Attach the large picture where it is small enough for the network, else the thumbnail. */
  readonly largeImage: boolean;
  /** See `AnswerOnceSettings.settleMs`. */
  readonly settleMs: number;
}

/** Answers the post of a published mosaic, once, and writes down what became of that. */
export function createAnswer(
  context: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  networks: Networks,
  settings: AnswerSettings,
) {
  const { app, store, keys, messaging } = context;
  const answerOnce = createAnswerOnce(context, settings);

  return async (
    event: EventOf<'mosaic.published.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { mosaic } = event.data;
    // Nothing is stored about what will never be answered: the record of the mosaic says so already.
    if (!mosaic.answerable) return;
    const answer = await settle(mosaic, logger);
    await messaging.publish(
      createEvent(
        'mosaic.answered.v1',
        { id: mosaic.id, answer },
        { app, subject: mosaic.id, cause: event },
      ),
    );
  };

  async function settle(mosaic: PublishedMosaic, logger: Logger): Promise<Answer> {
    const ref = keys.answerRecord(mosaic.id);
    // A mosaic that was drawn anew, or announced twice, was answered before.
    const before = await readRecord(store, ref, answerRecordSchema);
    if (before) return before.record.answer;

    const network = [...networks].find(({ id: { name } }) => name === mosaic.photo.network);
    const obstacle = obstacleTo(mosaic, network);
    const answer: Answer =
      network && obstacle === undefined
        ? await ask(network, mosaic)
        : { status: 'not-answerable', reason: obstacle ?? 'there is no network' };
    await writeRecord(store, ref, answerRecordSchema, { id: mosaic.id, answer });
    logger.info({ status: answer.status }, 'answer settled');
    return answer;
  }

  /** Why this post gets no answer; undefined where nothing stands in the way. */
  function obstacleTo(
    { photo }: PublishedMosaic,
    network: Network | undefined,
  ): string | undefined {
    if (!network) return `there is nobody to answer on '${photo.network}'`;
    if (!settings.enabled) return 'answers are switched off';
    return undefined;
  }

  async function ask(network: Network, mosaic: PublishedMosaic): Promise<Answer> {
    const { id, photo } = mosaic;
    const target = {
      inReplyTo: photo.postId,
      key: id,
      ...(photo.replyTo !== undefined && { replyTo: photo.replyTo }),
    };
    const request = async () => ({
      ...target,
      text: answerText(
        settings.template,
        { handle: photo.author.handle, link: `${settings.publicUrl}/mosaic/${id}/` },
        network.limits,
      ),
      picture: {
        bytes: await pictureFor(network, mosaic),
        contentType: 'image/jpeg' as const,
        altText: `A mosaic of ${cellsOf(mosaic.grid)} small photos, made from a photo by @${photo.author.handle}.`,
      },
    });
    try {
      const posted = await answerOnce(id, network, request, target);
      return { status: 'answered', ...posted, answeredAt: new Date().toISOString() };
    } catch (error) {
      if (error instanceof AlreadyAnswered) {
        return { status: 'answered', answeredAt: new Date().toISOString() };
      }
      if (error instanceof PostRefused) return { status: 'refused', reason: messageOf(error) };
      throw error;
    }
  }

  async function pictureFor(
    network: Network,
    mosaic: Pick<PublishedMosaic, 'picture' | 'thumbnail' | 'size'>,
  ): Promise<Uint8Array> {
    const large = settings.largeImage ? await store.head(mosaic.picture) : undefined;
    const { pictureBytes, picturePixels } = network.limits;
    const pixels = mosaic.size.width * mosaic.size.height;
    const fits = large !== undefined && large.size <= pictureBytes && pixels <= picturePixels;
    return (await store.get(fits ? mosaic.picture : mosaic.thumbnail)).bytes;
  }
}
