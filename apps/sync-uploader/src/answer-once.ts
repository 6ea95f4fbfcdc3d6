import { messageOf, PermanentError, TransientError, isPermanent } from '@mosaicme/errors';
import { PreconditionFailed, readRecord, writeRecord } from '@mosaicme/object-store';
import { type PipelineContext } from '@mosaicme/pipeline';
import { answerIntentSchema, type AnswerIntent } from '@mosaicme/requests';
import {
  OutcomeUnknown,
  type AnswerQuery,
  type AnswerRequest,
  type Network,
  type PostedAnswer,
} from '@mosaicme/social';

export interface AnswerOnceSettings {
  /**
   * Milliseconds after an attempt began from which on an answer that is not on the bot's timeline was
   * certainly not posted: the longest time that a request may be in flight, and that a post may take
   * to appear.
   */
  readonly settleMs: number;
  readonly now?: () => Date;
}

/** What to do about an answer, given what is known of earlier attempts. */
export type NextStep =
  { readonly do: 'post' } | { readonly do: 'look'; readonly since: Date; readonly settledAt: Date };

/** Decides what to do: post where nothing can have been posted, else look first. */
export function nextStep(intent: AnswerIntent | undefined, settleMs: number): NextStep {
  if (!intent || intent.outcome === 'not-posted') return { do: 'post' };
  return {
    do: 'look',
    since: new Date(intent.firstIntendedAt ?? intent.intendedAt),
    settledAt: new Date(Date.parse(intent.intendedAt) + settleMs),
  };
}

/**
 * Posts an answer exactly once, however often it is called, by however many processes. An intent is
 * written right before the network is asked. Who finds an intent without outcome looks on the bot's
 * timeline, and posts again only when the answer is certainly not there.
 */
export function createAnswerOnce(
  { store, keys }: Pick<PipelineContext, 'store' | 'keys'>,
  { settleMs, now = () => new Date() }: AnswerOnceSettings,
) {
  /**
   * @returns Where the answer stands on the network.
   * @throws PermanentError `answer.outcome-unknown` when the network does not tell whether the answer
   *   was posted; whatever `Network.answer` throws when it was certainly not posted.
   * @throws TransientError `answer.unsettled` while an attempt is too young to be sure.
   */
  return async (
    id: string,
    network: Network,
    request: () => Promise<Omit<AnswerRequest, 'firstAttemptAt'>>,
    target: Omit<AnswerQuery, 'since'>,
  ): Promise<PostedAnswer> => {
    const ref = keys.answerIntent(id);
    const found = await readRecord(store, ref, answerIntentSchema);
    const step = nextStep(found?.record, settleMs);
    if (step.do === 'look') {
      const posted = await look(id, network, { ...target, since: step.since });
      if (posted) return posted;
      const restMs = step.settledAt.getTime() - now().getTime();
      if (restMs > 0) throw unsettled(restMs);
    }

    const firstIntendedAt = found?.record.firstIntendedAt ?? found?.record.intendedAt;
    let claim: { readonly intent: AnswerIntent; readonly etag: string } | undefined;
    const beforePosting = async (): Promise<void> => {
      const intendedAt = now().toISOString();
      const intent: AnswerIntent = {
        id,
        intendedAt,
        ...(firstIntendedAt !== undefined && { firstIntendedAt }),
        outcome: 'unknown',
      };
      const only = found ? { etag: found.etag } : ({ absent: true } as const);
      try {
        claim = {
          intent,
          ...(await writeRecord(store, ref, answerIntentSchema, intent, { only })),
        };
      } catch (error) {
        // Another process came first; it answers, or the next attempt here finds out what became of it.
        throw error instanceof PreconditionFailed ? unsettled(settleMs, error) : error;
      }
    };
    try {
      return await network.answer({
        ...(await request()),
        firstAttemptAt: firstIntendedAt === undefined ? now() : new Date(firstIntendedAt),
        beforePosting,
      });
    } catch (error) {
      if (claim && !(error instanceof OutcomeUnknown)) {
        const intent = {
          ...claim.intent,
          outcome: 'not-posted',
          reason: messageOf(error),
        } as const;
        // Where this fails, the next attempt only takes longer.
        await writeRecord(store, ref, answerIntentSchema, intent, {
          only: { etag: claim.etag },
        }).catch(() => undefined);
      }
      throw error;
    }
  };

  async function look(
    id: string,
    network: Network,
    query: AnswerQuery,
  ): Promise<PostedAnswer | undefined> {
    try {
      return await network.findAnswer(query);
    } catch (error) {
      if (!isPermanent(error)) throw error;
      const reason =
        `Whether post ${query.inReplyTo} was answered is unknown: ${messageOf(error)} Look at the post. ` +
        `When it has no answer, remove the record 'intents/${id}.json' and replay this message; ` +
        `otherwise drop the message.`;
      await park(id, reason);
      throw new PermanentError('answer.outcome-unknown', reason, { cause: error });
    }
  }

  /** Makes the unknown outcome visible beside the answers. */
  async function park(id: string, reason: string): Promise<void> {
    const ref = keys.answerIntent(id);
    const found = await readRecord(store, ref, answerIntentSchema);
    if (!found) return;
    const intent = { ...found.record, outcome: 'parked', reason } as const;
    await writeRecord(store, ref, answerIntentSchema, intent, { only: { etag: found.etag } });
  }
}

const unsettled = (retryAfterMs: number, cause?: unknown): TransientError =>
  new TransientError(
    'answer.unsettled',
    `An earlier attempt to answer is ${retryAfterMs} ms too young to know whether it was posted; ` +
      `ANSWER_SETTLE_SECONDS sets the time.`,
    { retryAfterMs, cause },
  );
