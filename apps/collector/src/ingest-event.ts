import type { NetworkId, Post, SocialEvent } from '@mosaicme/social';
import type { Withdrawal } from './withdraw';

/**
 * Deals with events of the same post one after the other: a post that is deleted while its photo is being
 * fetched must not be stored after it was found to be nowhere.
 */
export function createIngestEvent(
  ingestPost: (post: Post) => Promise<void>,
  withdraw: (network: NetworkId, withdrawal: Withdrawal) => Promise<void>,
): (network: NetworkId, event: SocialEvent) => Promise<void> {
  const latest = new Map<string, Promise<void>>();
  return (network, event) => {
    const id = event.kind === 'withdrawn' ? event.postId : event.post.id;
    const work = () =>
      event.kind === 'withdrawn' ? withdraw(network, event) : ingestPost(event.post);
    if (id === undefined) return work();
    const key = `${network.instance} ${id}`;
    const done = (latest.get(key) ?? Promise.resolve()).catch(() => {}).then(work);
    latest.set(key, done);
    const forget = () => {
      if (latest.get(key) === done) latest.delete(key);
    };
    done.then(forget, forget);
    return done;
  };
}
