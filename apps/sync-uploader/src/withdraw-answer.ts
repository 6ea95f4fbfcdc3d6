import type { Answer, EventOf } from '@mosaicme/contracts';
import { isPermanent, messageOf, TransientError } from '@mosaicme/errors';
import { readRecord, writeRecord } from '@mosaicme/object-store';
import type { HandlerContext, PipelineContext } from '@mosaicme/pipeline';
import { answerIntentSchema, answerRecordSchema, type AnswerRecord } from '@mosaicme/requests';
import type { Networks, PostedAnswer } from '@mosaicme/social';
import type { Pacing } from './pacing';

export interface WithdrawAnswerPorts extends Pick<PipelineContext, 'store' | 'keys'> {
  readonly networks: Networks;
  readonly pacing: Pacing;
}

/**
 * Deletes the answer of a mosaic that was withdrawn, where there is one and its network lets us, and notes
 * that in the record of the answer. Repeating it is harmless.
 *
 * @param settings.settleMs See `AnswerOnceSettings.settleMs`.
 */
export function createWithdrawAnswer(
  { store, keys, networks, pacing }: WithdrawAnswerPorts,
  { settleMs }: { readonly settleMs: number },
) {
  return async (
    { data }: EventOf<'mosaic.withdrawn.v1'>,
    { logger }: Pick<HandlerContext, 'logger'>,
  ): Promise<void> => {
    const { id, post } = data;
    const found = await readRecord(store, keys.answerRecord(id), answerRecordSchema);
    if (found?.record.withdrawal || (found && found.record.answer.status !== 'answered')) return;
    const network = post && networks.get({ name: post.network, instance: post.instance });
    const intent = await readRecord(store, keys.answerIntent(id), answerIntentSchema);
    if (!found && (!intent || intent.record.outcome === 'not-posted')) return;

    const note = async (withdrawal: {
      readonly outcome: 'deleted' | 'kept';
      readonly reason?: string;
    }) => {
      const at = new Date().toISOString();
      const answer: Answer = found?.record.answer ?? { status: 'answered', answeredAt: at };
      const record = { ...found?.record, id, answer, withdrawal: { at, ...withdrawal } };
      await writeRecord(store, keys.answerRecord(id), answerRecordSchema, record);
      logger.info({ ...withdrawal }, 'the answer of a withdrawn mosaic');
    };
    if (!post || !network) {
      return note({ outcome: 'kept', reason: 'its network is not configured any more' });
    }
    const since = new Date(intent?.record.firstIntendedAt ?? intent?.record.intendedAt ?? 0);
    try {
      const posted =
        postedAnswer(found?.record) ??
        (await pacing.through(network.id, () =>
          network.findAnswer({
            inReplyTo: post.postId,
            key: id,
            since,
            ...(post.replyTo !== undefined && { replyTo: post.replyTo }),
          }),
        ));
      if (posted) {
        await pacing.through(network.id, () => network.deleteAnswer(posted));
        return await note({ outcome: 'deleted' });
      }
    } catch (error) {
      if (!isPermanent(error)) throw error;
      return note({ outcome: 'kept', reason: messageOf(error) });
    }
    // An attempt that is young may still show up on the timeline.
    const restMs = intent ? Date.parse(intent.record.intendedAt) + settleMs - Date.now() : 0;
    if (restMs > 0) {
      throw new TransientError(
        'answer.unsettled',
        `An attempt to answer is ${restMs} ms too young to know whether there is an answer to delete.`,
        { retryAfterMs: restMs },
      );
    }
    if (found) await note({ outcome: 'kept', reason: 'the answer was not found' });
  };
}

/** Where the answer stands, as far as its record knows. */
function postedAnswer(record: AnswerRecord | undefined): PostedAnswer | undefined {
  if (record?.answer.status !== 'answered') return undefined;
  const { postId, link } = record.answer;
  return postId === undefined ? undefined : { postId, link: link ?? '' };
}
