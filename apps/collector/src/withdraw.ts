import { createEvent, photoId, requestId } from '@mosaicme/contracts';
import type { SubmitPorts } from '@mosaicme/pipeline';
import { recordAuthorDecision, recordDecision, type Decision } from '@mosaicme/requests';
import { waitFor, type Logger } from '@mosaicme/service';
import type { NetworkId, SocialEvent } from '@mosaicme/social';
import type { CollectorRole } from './role';

export interface WithdrawPorts extends SubmitPorts {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The slugs of all campaigns, the closed ones included. */
  readonly campaigns: () => Promise<readonly string[]>;
}

export type Withdrawal = Extract<SocialEvent, { readonly kind: 'withdrawn' }>;

/** Most media of a post on any network that is followed. */
const mostMedia = 16;

const why: Record<Withdrawal['reason'], string> = {
  deleted: 'The author deleted the post.',
  hidden: 'The network does not show the post any more.',
  account: 'The account is gone.',
  'tag-removed': 'The author took the hashtag or the photo out of the post.',
};

/**
 * Records what a network withdrew as a decision about each photo that was ingested, and announces it. What
 * was never ingested leaves no trace. Doing it twice adds nothing.
 */
export function createWithdraw(ports: WithdrawPorts, role: CollectorRole) {
  const { app, store, keys, messaging, logger, signal } = ports;
  const wait = { logger, signal };

  const announce = (subject: string) =>
    messaging.publish(createEvent('decision.recorded.v1', { subject }, { app, subject }));

  return async (network: NetworkId, withdrawal: Withdrawal): Promise<void> => {
    const { postId, authorId, reason } = withdrawal;
    const decision: Decision = {
      verb: 'withdraw',
      by: network.instance,
      at: new Date().toISOString(),
      why: why[reason],
    };
    if (authorId !== undefined) await withdrawAuthor(network, authorId, decision);
    if (postId !== undefined) {
      await waitFor('store and broker', () => withdrawPost(network, postId, decision), wait);
    }
  };

  async function withdrawPost(
    network: NetworkId,
    postId: string,
    decision: Decision,
  ): Promise<void> {
    const slugs = await ports.campaigns();
    const photos = Array.from({ length: mostMedia }, (_, mediaIndex) =>
      photoId({ network: network.name, instance: network.instance, postId, mediaIndex }),
    );
    const candidates =
      role.takes === 'raw photos'
        ? photos.map((id) => ({ id, record: keys.rawRecord(id) }))
        : photos.flatMap((photo) =>
            slugs.map((slug) => {
              const id = requestId(slug, photo);
              return { id, record: keys.requestRecord(id) };
            }),
          );
    for (const { id, record } of candidates) {
      if (!(await store.head(record))) continue;
      await recordDecision(ports, id, decision);
      await announce(id);
      logger.info({ id, postId, reason: decision.why }, 'withdrawn on its network');
    }
  }

  async function withdrawAuthor(
    { name, instance }: NetworkId,
    id: string,
    decision: Decision,
  ): Promise<void> {
    const author = { network: name, instance, author: { id, handle: id } };
    await waitFor('the object store', () => recordAuthorDecision(ports, author, decision), wait);
    logger.info({ author: id, instance, reason: decision.why }, 'an author was withdrawn');
  }
}
