import {
  cellsOf,
  createEvent,
  type Answer,
  type EventOf,
  type MosaicRequest,
  type PublishedMosaic,
} from '@mosaicme/contracts';
import { codeOf, isPermanent, messageOf } from '@mosaicme/errors';
import {
  answerRecordSchema,
  readRecord,
  writeRecord,
  type PipelineContext,
} from '@mosaicme/pipeline';
import type { Logger } from '@mosaicme/service';
import { answerText, type Network } from '@mosaicme/social';
import { createAnswerOnce } from './answer-once';
import type { Published } from './publish';

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

/** Largest picture that X takes in a post, in bytes. */
const maxPictureBytes = 5_000_000;

/** Answers the post of a published mosaic, once, and writes down what became of that. */
export function createAnswer(
  context: Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'>,
  networks: ReadonlyMap<string, Network>,
  settings: AnswerSettings,
) {
  const { app, store, keys, messaging } = context;
  const answerOnce = createAnswerOnce(context, settings);

  return async (
    event: EventOf<'mosaic.rendered.v1'>,
    published: Published,
    logger: Logger,
  ): Promise<void> => {
    const { id } = published.mosaic;
    const answer = await settle(event, published, logger);
    await messaging.publish(
      createEvent('mosaic.answered.v1', { id, answer }, { app, subject: id, cause: event }),
    );
  };

  async function settle(
    event: EventOf<'mosaic.rendered.v1'>,
    { mosaic, isNew }: Published,
    logger: Logger,
  ): Promise<Answer> {
    const { request } = event.data;
    const ref = keys.answerRecord(mosaic.id);
    // Nothing is answered before it is published.
    const before = isNew ? undefined : await readRecord(store, ref, answerRecordSchema);
    if (before) return before.record.answer;

    const network = networks.get(mosaic.photo.network);
    const obstacle = obstacleTo(request, network);
    const answer: Answer =
      network && obstacle === undefined
        ? await ask(network, mosaic)
        : { status: 'not-answerable', reason: obstacle ?? 'there is no network' };
    await writeRecord(store, ref, answerRecordSchema, { id: mosaic.id, answer });
    logger.info({ status: answer.status }, 'answer settled');
    return answer;
  }

  /** Why this request gets no answer; undefined where nothing stands in the way. */
  function obstacleTo(request: MosaicRequest, network: Network | undefined): string | undefined {
    if (!network) return `there is nobody to answer on '${request.photo.network}'`;
    if (!settings.enabled) return 'answers are switched off';
    if (!request.answerable) return 'the post does not mention the bot';
    return undefined;
  }

  async function ask(network: Network, mosaic: PublishedMosaic): Promise<Answer> {
    const { id, photo } = mosaic;
    const request = async () => ({
      inReplyTo: photo.postId,
      text: answerText(settings.template, {
        handle: photo.author.handle,
        link: `${settings.publicUrl}/mosaic/${id}/`,
      }),
      picture: {
        bytes: await pictureFor(mosaic),
        contentType: 'image/jpeg' as const,
        altText: `A mosaic of ${cellsOf(mosaic.grid)} small photos, made from a photo by @${photo.author.handle}.`,
      },
    });
    try {
      const posted = await answerOnce(id, network, request, photo.postId);
      return { status: 'answered', ...posted, answeredAt: new Date().toISOString() };
    } catch (error) {
      if (!isPermanent(error) || codeOf(error) === 'answer.outcome-unknown') throw error;
      // The text holds the mosaic's own link, so what X has already can only be this very answer.
      if (codeOf(error) === 'x.duplicate') {
        return { status: 'answered', answeredAt: new Date().toISOString() };
      }
      return { status: 'refused', reason: messageOf(error) };
    }
  }

  async function pictureFor(
    mosaic: Pick<PublishedMosaic, 'picture' | 'thumbnail'>,
  ): Promise<Uint8Array> {
    const large = settings.largeImage ? await store.head(mosaic.picture) : undefined;
    const fits = large !== undefined && large.size <= maxPictureBytes;
    return (await store.get(fits ? mosaic.picture : mosaic.thumbnail)).bytes;
  }
}
