import type { ApiMosaic } from '../mosaics/present';
import { card } from '../pages/card';
import { shownHandle } from '../pages/credit';
import { countText } from '../pages/gallery-count';
import { announce, elementsOf, fetchJson, find } from './dom';
import { onLive } from './live';

/** Lets new mosaics slide in at the top, and loads older ones at the bottom. */
export function enhanceGallery(list: HTMLElement): void {
  if (list.dataset['live'] !== undefined) {
    onLive<ApiMosaic>('mosaic.published', (mosaic) => addNew(list, mosaic));
  }
  const more = find(document, '[data-load-more]', HTMLAnchorElement);
  more?.addEventListener('click', (event) => {
    event.preventDefault();
    void loadMore(list, more);
  });
}

const isShown = (list: HTMLElement, id: string): boolean =>
  [...list.children].some((item) => item instanceof HTMLElement && item.dataset['mosaic'] === id);

const timeOf = (item: Element): string => item.querySelector('time')?.dateTime ?? '';

function addNew(list: HTMLElement, mosaic: ApiMosaic): void {
  if (isShown(list, mosaic.id)) return;
  // An event may come late or twice, so the newest is not always the last that was heard of.
  const older = [...list.children].find((item) => timeOf(item) <= mosaic.publishedAt);
  const isOfLaterPage = !older && document.querySelector('[data-load-more]') !== null;
  if (isOfLaterPage) return;
  const items = elementsOf(card(mosaic));
  for (const item of items) item.classList.add('new');
  if (older) older.before(...items);
  else list.append(...items);
  document.querySelector('[data-empty]')?.remove();
  const count = find(document, '[data-count]', HTMLElement);
  if (count) {
    const total = Number(count.dataset['count']) + 1;
    count.dataset['count'] = String(total);
    count.textContent = countText(total);
  }
  announce(`A new mosaic of a photo by ${shownHandle(mosaic.credit)}.`);
}

async function loadMore(list: HTMLElement, link: HTMLAnchorElement): Promise<void> {
  const after = link.dataset['loadMore'] ?? '';
  link.setAttribute('aria-busy', 'true');
  try {
    const page = await fetchJson<{ mosaics: ApiMosaic[]; next: string | null }>(
      `/api/mosaics?after=${encodeURIComponent(after)}`,
    );
    const fresh = page.mosaics.filter(({ id }) => !isShown(list, id));
    const items = fresh.flatMap((mosaic) => elementsOf(card(mosaic)));
    list.append(...items);
    items[0]?.querySelector('a')?.focus({ preventScroll: true });
    announce(`${fresh.length} more mosaics.`);
    if (page.next === null) {
      link.parentElement?.remove();
    } else {
      link.dataset['loadMore'] = page.next;
      link.href = `/?after=${encodeURIComponent(page.next)}`;
    }
  } catch {
    // The page that the link leads to says what is wrong.
    location.assign(link.href);
  } finally {
    link.removeAttribute('aria-busy');
  }
}
