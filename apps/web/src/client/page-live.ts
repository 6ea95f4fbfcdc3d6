import { find } from './dom';
import { Live } from './live';

/** The live events of this page. */
export const live = new Live({
  open: (after) =>
    new EventSource(
      `/api/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`,
    ),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  onState: (state) => {
    const notice = find(document, '[data-offline]', HTMLElement);
    if (notice) notice.hidden = state === 'connected';
  },
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) live.pause();
  else live.resume();
});
// A page in the back-forward cache keeps no connection.
addEventListener('pagehide', () => live.pause());
addEventListener('pageshow', () => live.resume());
