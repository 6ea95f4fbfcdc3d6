import { formatDuration } from '../html/format';
import { html, type Html } from '../html/html';
import type { StatusReport } from '../status/report';

const stateWords: Readonly<Record<StatusReport['instances'][number]['state'], string>> = {
  ready: 'Ready',
  waiting: 'Waiting for a server',
  stopping: 'Stopping',
  stopped: 'Stopped',
  lost: 'Lost: no sign of life',
};

/** The tables of the status page. Rendered by the server, and by the browser when something changes. */
export function statusTables(report: StatusReport): Html {
  return html`<p class="summary">${summary(report)}</p>
    <div class="scroll" role="region" aria-label="Apps" tabindex="0">
      <table>
        <caption>
          Apps
        </caption>
        <thead>
          <tr>
            <th scope="col">App</th>
            <th scope="col">State</th>
            <th scope="col">Up</th>
            <th scope="col">Heard</th>
            <th scope="col">Version</th>
            <th scope="col">Instance</th>
          </tr>
        </thead>
        <tbody>
          ${report.instances.map(
            (instance) =>
              html`<tr>
                <th scope="row">${instance.app}</th>
                <td><span class="state ${instance.state}">${stateWords[instance.state]}</span></td>
                <td>${formatDuration(instance.uptimeSeconds)}</td>
                <td>${formatDuration(instance.lastHeartbeatSecondsAgo)} ago</td>
                <td>${instance.version}</td>
                <td class="instance">${instance.instance}</td>
              </tr>`,
          )}
          ${
            report.instances.length === 0 &&
            html`<tr>
              <td colspan="6">No heartbeat was heard yet. The first ones come within seconds.</td>
            </tr>`
          }
        </tbody>
      </table>
    </div>
    <div class="scroll" role="region" aria-label="Queues" tabindex="0">
      <table>
        <caption>
          Queues
        </caption>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col">Waiting</th>
            <th scope="col">Given up</th>
          </tr>
        </thead>
        <tbody>
          ${report.queues.map(
            (queue) =>
              html`<tr>
                <th scope="row">${queue.role}</th>
                <td>${queue.ready ?? 'unknown'}</td>
                <td>
                  ${
                    queue.dead !== undefined && queue.dead > 0
                      ? html`<span class="state lost">${queue.dead}</span>`
                      : (queue.dead ?? 'unknown')
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function summary({ instances, queues }: StatusReport): string {
  const bad = instances.filter(({ state }) => state === 'lost' || state === 'waiting').length;
  const dead = queues.reduce((sum, queue) => sum + (queue.dead ?? 0), 0);
  const unknown = queues.some((queue) => queue.ready === undefined);
  if (unknown) return 'The broker does not answer, so the queues cannot be told.';
  if (bad > 0) return `${bad} of ${instances.length} running parts need attention.`;
  if (dead > 0) return 'All parts run. Some messages were given up; see below.';
  return instances.length === 0 ? 'Listening for signs of life.' : 'All parts run.';
}
