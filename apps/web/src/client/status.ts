import { statusTables } from '../pages/status-tables';
import type { StatusReport } from '../status/report';
import { elementsOf, fetchJson } from './dom';
import { onLive } from './live';

const renewMs = 5_000;

/** Keeps the status page up to date: at once when a part changes, else every five seconds. */
export function enhanceStatus(place: HTMLElement): void {
  const renew = async (): Promise<void> => {
    const report = await fetchJson<StatusReport>('/api/status');
    place.replaceChildren(...elementsOf(statusTables(report)));
    place.classList.remove('stale');
  };
  const tryToRenew = (): void => {
    renew().catch(() => place.classList.add('stale'));
  };
  onLive('status', tryToRenew);
  setInterval(() => {
    if (!document.hidden) tryToRenew();
  }, renewMs);
}
