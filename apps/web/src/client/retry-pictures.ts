import { backoffMs } from '@mosaicme/async';

const attempts = 4;
const pauses = { firstMs: 2_000, longestMs: 60_000 };

/** Asks again for pictures that did not come, with growing pauses; meanwhile their place says so. */
export function retryPictures(): void {
  const failed = new WeakMap<HTMLImageElement, number>();
  // Neither event bubbles, so both are caught on their way down.
  document.addEventListener(
    'error',
    ({ target }) => {
      if (!isRetried(target)) return;
      const attempt = failed.get(target) ?? 0;
      failed.set(target, attempt + 1);
      target.classList.add('broken');
      if (attempt >= attempts) return;
      const pauseMs = backoffMs(attempt, pauses, { atLeastMs: 500 });
      setTimeout(() => {
        // Setting the address loads it anew, also the same one.
        if (target.isConnected) target.setAttribute('src', target.getAttribute('src') ?? '');
      }, pauseMs);
    },
    true,
  );
  document.addEventListener(
    'load',
    ({ target }) => {
      if (isRetried(target)) target.classList.remove('broken');
    },
    true,
  );
  // What failed before this script ran.
  for (const image of document.querySelectorAll('img')) {
    if (isRetried(image) && image.complete && image.naturalWidth === 0 && image.src !== '') {
      image.dispatchEvent(new Event('error'));
    }
  }
}

const isRetried = (target: EventTarget | null): target is HTMLImageElement =>
  target instanceof HTMLImageElement && target.dataset['retry'] !== undefined;
