import { formatDuration } from '../html/format';
import { html, type Html } from '../html/html';
import type { InstanceStatus } from '../status/registry';
import type { StatusReport } from '../status/report';

const stateWords: Readonly<Record<InstanceStatus['state'], string>> = {
  ready: 'Ready',
  waiting: 'Waiting',
  stopping: 'Stopping',
  stopped: 'Stopped',
  lost: 'Lost',
};

/** The tables of the status page. Rendered by the server, and by the browser when something changes. */
export function statusTables(report: StatusReport): Html {
  return html`<p class="summary">${summary(report)}</p>
    <table>
      <caption>
        Apps
      </caption>
      <thead>
        <tr>
          <th scope="col">App</th>
          <th scope="col">State</th>
          <th scope="col">Up</th>
        </tr>
      </thead>
      <tbody>
        ${report.instances.map(
          (instance) =>
            html`<tr>
              <th scope="row">
                ${instance.app}
                <span class="sub">${instance.version} · ${instance.instance}</span>
              </th>
              <td>
                <span class="state ${instance.state}">${stateWords[instance.state]}</span>
                <span class="sub">${stateNote(instance)}</span>
              </td>
              <td>${formatDuration(instance.uptimeSeconds)}</td>
            </tr>`,
        )}
        ${
          report.instances.length === 0 &&
          html`<tr>
            <td colspan="3">No heartbeat was heard yet. The first ones come within seconds.</td>
          </tr>`
        }
      </tbody>
    </table>
    <table>
      <caption>
        Queues
      </caption>
      <thead>
        <tr>
          <th scope="col">Queue</th>
          <th scope="col">Waiting</th>
          <th scope="col">Dead-lettered</th>
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
    </table>`;
}

function stateNote({ state, lastHeartbeatSecondsAgo }: InstanceStatus): string {
  const silence = formatDuration(lastHeartbeatSecondsAgo);
  if (state === 'lost') return `no sign of life for ${silence}`;
  if (state === 'waiting') return `for a server, heard ${silence} ago`;
  return `heard ${silence} ago`;
}

function summary({ instances, queues }: StatusReport): string {
  const bad = instances.filter(({ state }) => state === 'lost' || state === 'waiting').length;
  const dead = queues.reduce((sum, queue) => sum + (queue.dead ?? 0), 0);
  const unknown = queues.some((queue) => queue.ready === undefined);
  if (unknown) return 'The broker does not answer, so the queues cannot be told.';
  if (bad > 0) return `${bad} of ${instances.length} parts need attention.`;
  if (dead > 0) return 'All parts run. Some messages were dead-lettered; see below.';
  return instances.length === 0 ? 'Listening for signs of life.' : 'All parts run.';
}
