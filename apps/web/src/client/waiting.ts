import { announce, fetchJson } from './dom';
import { onLive } from './live';

const pollMs = 5_000;

/**
 * Turns the waiting page into the mosaic, or into the reason why there is none, as soon as it is
 * settled. Live events tell it at once; asking now and then covers the case that one was missed.
 *
 * @param enhance Called when the new content stands.
 */
export function enhanceWaiting(id: string, enhance: () => void): void {
  let isSettled = false;
  const settle = async (): Promise<void> => {
    if (isSettled) return;
    const response = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
    const next = new DOMParser().parseFromString(await response.text(), 'text/html');
    const main = next.querySelector('main');
    if (isSettled || !main || main.querySelector('[data-waiting]')) return;
    isSettled = true;
    clearInterval(poll);
    document.title = next.title;
    document.querySelector('main')?.replaceWith(document.adoptNode(main));
    enhance();
    announce(next.title);
  };
  const ask = async (): Promise<void> => {
    const { state } = await fetchJson<{ state: string }>(`/api/requests/${id}`);
    if (state !== 'waiting') await settle();
  };
  const poll = setInterval(() => void ask().catch(ignore), pollMs);
  for (const name of ['mosaic.published', 'mosaic.failed']) {
    onLive<{ id: string }>(name, (data) => {
      if (data.id === id) void settle().catch(ignore);
    });
  }
}

/** A failed question is asked again at the next turn. */
const ignore = (): void => undefined;
