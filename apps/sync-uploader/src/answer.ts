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
import {
  answerRecordSchema,
  mayAnswer,
  readDecisions,
  standingOf,
  type AuthorStandings,
} from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import {
  AlreadyAnswered,
  answerText,
  PostRefused,
  type Network,
  type Networks,
} from '@mosaicme/social';
import { createAnswerOnce } from './answer-once';
import type { Pacing } from './pacing';

/** How a campaign answers. */
export interface AnswerStyle {
  /** Whether posts are answered at all. */
  readonly enabled: boolean;
  /** Text with two %s: author, link. */
  readonly template: string;
}

export interface AnswerPorts extends Pick<PipelineContext, 'app' | 'store' | 'keys' | 'messaging'> {
  readonly networks: Networks;
  readonly pacing: Pacing;
  readonly authors: AuthorStandings;
  readonly styleOf: (campaign: string) => Promise<AnswerStyle>;
}

export interface AnswerSettings {
  /** Public address of the gallery. */
  readonly publicUrl: string;
  /** Attach the large picture where it is small enough for the network, else the thumbnail. */
  readonly largeImage: boolean;
  /** See `AnswerOnceSettings.settleMs`. */
  readonly settleMs: number;
}

/**
 * Answers the post of a published mosaic, once, and writes down what became of that. The gate stands
 * here too: what was held, rejected or withdrawn since it was published is not answered.
 */
export function createAnswer(ports: AnswerPorts, settings: AnswerSettings) {
  const { app, store, keys, messaging, networks, pacing } = ports;
  const answerOnce = createAnswerOnce(ports, settings);

  return async (
    event: EventOf<'mosaic.published.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { mosaic } = event.data;
    // Nothing is stored about what will never be answered: the record of the mosaic says so already.
    if (!mosaic.answerable) return;
    const answer = await settle(mosaic, logger);
    if (!answer) return;
    await messaging.publish(
      createEvent(
        'mosaic.answered.v1',
        { id: mosaic.id, answer },
        { app, subject: mosaic.id, cause: event },
      ),
    );
  };

  /** Undefined where the answer waits for a decision. */
  async function settle(mosaic: PublishedMosaic, logger: Logger): Promise<Answer | undefined> {
    const ref = keys.answerRecord(mosaic.id);
    // A mosaic that was drawn anew, or announced twice, was answered before.
    const before = await readRecord(store, ref, answerRecordSchema);
    if (before) return before.record.answer;

    const verdict = await judge(mosaic);
    if (!verdict.allowed) {
      logger.info({ because: verdict.because }, 'not answered');
      return undefined;
    }
    const { network: name, instance } = mosaic.photo;
    const network = networks.get({ name, instance });
    const style = await ports.styleOf(mosaic.campaign);
    const answer: Answer =
      network && style.enabled
        ? await ask(network, mosaic, style.template)
        : {
            status: 'not-answerable',
            reason: network
              ? 'answers are switched off'
              : `nobody answers on ${name} (${instance})`,
          };
    await writeRecord(store, ref, answerRecordSchema, { id: mosaic.id, answer });
    logger.info({ status: answer.status }, 'answer settled');
    return answer;
  }

  async function judge({ id, photo }: PublishedMosaic) {
    const [decisions, author] = await Promise.all([
      readDecisions(ports, id),
      ports.authors.of(photo),
    ]);
    // It is published, so it was approved where that is asked for.
    return mayAnswer({ standing: standingOf(decisions), author, moderation: 'open' });
  }

  async function ask(network: Network, mosaic: PublishedMosaic, template: string): Promise<Answer> {
    const { id, photo } = mosaic;
    const target = {
      inReplyTo: photo.postId,
      key: id,
      ...(photo.replyTo !== undefined && { replyTo: photo.replyTo }),
    };
    const request = async () => ({
      ...target,
      text: answerText(
        template,
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
      const posted = await pacing.through(network.id, () =>
        answerOnce(id, network, request, target),
      );
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
