import { statusTables } from '../pages/status-tables';
import type { StatusReport } from '../status/report';
import { elementsOf, fetchJson } from './dom';
import { live } from './page-live';

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
  live.on('status', tryToRenew);
  live.onOpen(tryToRenew);
  setInterval(() => {
    if (!document.hidden) tryToRenew();
  }, renewMs);
}
