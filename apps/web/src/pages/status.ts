import { html, type Html } from '../html/html';
import type { StatusReport } from '../status/report';
import { page, type Site } from './layout';
import { statusTables } from './status-tables';

/** Every running instance of every app, and what waits in the queues. */
export function statusPage(site: Site, report: StatusReport): Html {
  return page(site, {
    title: 'Status',
    description: 'Every running part of the system and what it waits for.',
    current: 'status',
    head: html`<noscript><meta http-equiv="refresh" content="10" /></noscript>`,
    main: html`<section class="status">
      <h1>Status</h1>
      <div data-status>${statusTables(report)}</div>
    </section>`,
  });
}
