import type { ApiMosaic } from '../mosaics/present';
import { card } from '../pages/card';
import { shownHandle } from '../pages/credit';
import { countText } from '../pages/gallery-count';
import { announce, elementsOf, fetchJson, find } from './dom';
import { live } from './page-live';

/** Lets new mosaics slide in, takes away what was withdrawn, and loads older ones at the bottom. */
export function enhanceGallery(list: HTMLElement): void {
  const campaigns = new Set((list.dataset['gallery'] ?? '').split(' '));
  if (list.dataset['live'] !== undefined) {
    live.on<ApiMosaic>('mosaic.published', (mosaic) => {
      if (campaigns.has(mosaic.campaign)) show(list, mosaic);
    });
    // What happened while there was no connection.
    let isFirst = true;
    live.onOpen(() => {
      if (!isFirst) void catchUp(list).catch(() => undefined);
      isFirst = false;
    });
  }
  live.on<{ id: string }>('mosaic.removed', ({ id }) => remove(list, id));
  const more = find(document, '[data-load-more]', HTMLAnchorElement);
  more?.addEventListener('click', (event) => {
    event.preventDefault();
    void loadMore(list, more);
  });
  const banner = find(document, '[data-rebuilding]', HTMLElement);
  if (banner) reloadWhenRebuilt(list);
}

interface Listing {
  readonly mosaics: ApiMosaic[];
  readonly next: string | null;
  readonly count: number;
  readonly isRebuilding: boolean;
}

/** A page of the list that this gallery shows. */
function fetchListing(list: HTMLElement, parameters: Record<string, string>): Promise<Listing> {
  const query = new URLSearchParams(parameters);
  const campaign = /^\/c\/([^/]+)\//.exec(list.dataset['path'] ?? '')?.[1];
  if (campaign !== undefined) query.set('campaign', campaign);
  return fetchJson<Listing>(`/api/mosaics?${query}`);
}

/** Brings the list up to what the server has now, as far back as one answer reaches. */
async function catchUp(list: HTMLElement): Promise<void> {
  const { mosaics, next, count } = await fetchListing(list, { limit: '200' });
  const ids = new Set(mosaics.map(({ id }) => id));
  const oldest = next === null ? '' : (mosaics.at(-1)?.publishedAt ?? '');
  for (const item of cardsOf(list)) {
    const id = item.dataset['mosaic'] ?? '';
    if (!ids.has(id) && timeOf(item) > oldest) item.remove();
  }
  for (const mosaic of mosaics.toReversed()) show(list, mosaic);
  tellCount(count);
}

const rebuiltCheckMs = 3_000;

function reloadWhenRebuilt(list: HTMLElement): void {
  const timer = setInterval(() => {
    if (document.hidden) return;
    fetchListing(list, { limit: '1' }).then(
      ({ isRebuilding }) => {
        if (isRebuilding) return;
        clearInterval(timer);
        location.reload();
      },
      () => undefined,
    );
  }, rebuiltCheckMs);
}

const cardsOf = (list: HTMLElement): HTMLElement[] =>
  [...list.children].filter((item) => item instanceof HTMLElement);

const cardOf = (list: HTMLElement, id: string): HTMLElement | undefined =>
  cardsOf(list).find((item) => item.dataset['mosaic'] === id);

const timeOf = (item: Element): string => item.querySelector('time')?.dateTime ?? '';

function remove(list: HTMLElement, id: string): void {
  const item = cardOf(list, id);
  if (!item) return;
  item.remove();
  changeCount(-1);
}

/** Shows a mosaic at its place; one that was drawn anew gets its new picture. */
function show(list: HTMLElement, mosaic: ApiMosaic): void {
  const shown = cardOf(list, mosaic.id);
  if (shown) {
    if (shown.dataset['revision'] !== mosaic.revision) {
      shown.replaceWith(...elementsOf(card(mosaic)));
    }
    return;
  }
  // An event may come late or twice, so the newest is not always the last that was heard of.
  const older = cardsOf(list).find((item) => timeOf(item) <= mosaic.publishedAt);
  const isOfLaterPage = !older && document.querySelector('[data-load-more]') !== null;
  if (isOfLaterPage) return;
  const items = elementsOf(card(mosaic));
  for (const item of items) item.classList.add('new');
  if (older) older.before(...items);
  else list.append(...items);
  document.querySelector('[data-empty]')?.remove();
  changeCount(1);
  announce(`A new mosaic of a photo by ${shownHandle(mosaic.credit)}.`);
}

function changeCount(by: number): void {
  const count = find(document, '[data-count]', HTMLElement);
  if (count) tellCount(Math.max(0, Number(count.dataset['count']) + by));
}

function tellCount(total: number): void {
  const count = find(document, '[data-count]', HTMLElement);
  if (!count) return;
  count.dataset['count'] = String(total);
  count.textContent = countText(total);
}

async function loadMore(list: HTMLElement, link: HTMLAnchorElement): Promise<void> {
  const after = link.dataset['loadMore'] ?? '';
  link.setAttribute('aria-busy', 'true');
  try {
    const page = await fetchListing(list, { after });
    const fresh = page.mosaics.filter(({ id }) => !cardOf(list, id));
    const items = fresh.flatMap((mosaic) => elementsOf(card(mosaic)));
    list.append(...items);
    items[0]?.querySelector('a')?.focus({ preventScroll: true });
    announce(`${fresh.length} more mosaics.`);
    if (page.next === null) {
      link.parentElement?.remove();
    } else {
      link.dataset['loadMore'] = page.next;
      link.href = `${list.dataset['path'] ?? '/'}?after=${encodeURIComponent(page.next)}`;
    }
  } catch {
    // The page that the link leads to says what is wrong.
    location.assign(link.href);
  } finally {
    link.removeAttribute('aria-busy');
  }
}
