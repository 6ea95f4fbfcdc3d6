import type { ApiMosaic } from '../mosaics/present';
import { ownPhotos, type OwnPhoto } from '../pages/mine';
import { elementsOf } from './dom';
import { addReceipt, forgetReceipts, readReceipts, type Receipt } from './receipts';

const shown = 12;
const previewSide = 240;

/** Shows what became of the photos that were sent from this device. */
export async function enhanceMine(place: HTMLElement): Promise<void> {
  const receipts = readReceipts(localStorage).slice(0, shown);
  if (receipts.length === 0) return;
  const found = await Promise.all(receipts.map(stateOf));
  forgetReceipts(
    localStorage,
    new Set(receipts.filter((_, index) => found[index] === 'gone').map(({ id }) => id)),
  );
  const photos = found.filter((each) => typeof each === 'object');
  if (photos.length === 0) return;
  place.replaceChildren(...elementsOf(ownPhotos(photos)));
  place.hidden = false;
  place.querySelector('[data-forget]')?.addEventListener('click', () => {
    forgetReceipts(localStorage, new Set(readReceipts(localStorage).map(({ id }) => id)));
    place.hidden = true;
    place.replaceChildren();
  });
}

/** `gone` where it was withdrawn or is unknown; undefined while the server does not tell. */
async function stateOf({ id, preview }: Receipt): Promise<OwnPhoto | 'gone' | undefined> {
  try {
    const response = await fetch(`/api/requests/${id}`, {
      headers: { Accept: 'application/json' },
    });
    if (response.status === 404) return 'gone';
    if (!response.ok) return undefined;
    const { state, mosaic } = (await response.json()) as { state: string; mosaic?: ApiMosaic };
    if (state === 'withdrawn') return 'gone';
    if (state !== 'published' && state !== 'waiting' && state !== 'failed') return undefined;
    return {
      id,
      state,
      ...(preview !== undefined && { preview }),
      ...(mosaic && { mosaic }),
    };
  } catch {
    return undefined;
  }
}

/** The picture of a photo that was sent from this device. */
export const ownPreview = (id: string): string | undefined =>
  readReceipts(localStorage).find((receipt) => receipt.id === id)?.preview;

/** Remembers a photo that was sent, with a small picture of it where the browser can show it. */
export async function remember(id: string, photo: File | undefined): Promise<void> {
  const preview = photo && (await smallPicture(photo).catch(() => undefined));
  const sentAt = new Date().toISOString();
  addReceipt(localStorage, { id, sentAt, ...(preview !== undefined && { preview }) });
}

async function smallPicture(photo: File): Promise<string> {
  const bitmap = await createImageBitmap(photo);
  const scale = Math.min(1, previewSide / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL('image/jpeg', 0.7);
}
