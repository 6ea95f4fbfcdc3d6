import type { WaitingStage } from '../mosaics/lookup';
import { progress } from '../pages/progress';
import { announce, elementsOf, fetchJson, find } from './dom';
import { ownPreview } from './mine';
import { live } from './page-live';

const pollMs = 5_000;

/**
 * Turns the waiting page into the mosaic, or into the reason why there is none, as soon as it is
 * settled. Live events tell it at once. It also asks: at the beginning and whenever the connection
 * opens, because the event may have come before, and now and then.
 *
 * @param enhance Called when the new content stands.
 */
export function enhanceWaiting(place: HTMLElement, id: string, enhance: () => void): void {
  showOwnPhoto(id);
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
    if (isSettled) return;
    const { state, stage } = await fetchJson<{ state: string; stage?: WaitingStage }>(
      `/api/requests/${id}`,
    );
    if (state !== 'waiting') await settle();
    else if (stage !== undefined) showStage(place, stage);
  };
  const tryToAsk = (): void => void ask().catch(ignore);
  const poll = setInterval(() => {
    if (!document.hidden) tryToAsk();
  }, pollMs);
  for (const name of ['mosaic.published', 'mosaic.failed', 'mosaic.removed']) {
    live.on<{ id: string }>(name, (data) => {
      if (data.id === id) void settle().catch(ignore);
    });
  }
  live.onOpen(tryToAsk);
  tryToAsk();
}

function showStage(place: HTMLElement, stage: WaitingStage): void {
  if (place.dataset['stage'] === stage) return;
  place.dataset['stage'] = stage;
  place.querySelector('[data-progress-of]')?.replaceWith(...elementsOf(progress(stage)));
}

/** The photo that this device sent, where it remembers it. */
function showOwnPhoto(id: string): void {
  const image = find(document, '[data-own]', HTMLImageElement);
  const preview = ownPreview(id);
  if (!image || preview === undefined) return;
  image.addEventListener('load', () => (image.hidden = false));
  image.src = preview;
}

/** A failed question is asked again at the next turn. */
const ignore = (): void => undefined;
