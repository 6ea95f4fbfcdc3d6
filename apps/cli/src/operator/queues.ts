import type { MessagingAdmin, QueueState } from '@mosaicme/messaging';
import { formatAge, formatPause, formatTable } from './format';

/** The queues as a table. A queue that nobody declared has a line that says so. */
export function formatQueues(states: readonly QueueState[], now: Date): string {
  return formatTable(
    ['QUEUE', 'READY', 'UNACKED', 'CONSUMERS', 'RETRYING', 'DEAD', 'OLDEST', 'OLDEST DEAD'],
    states.map((state) =>
      state.exists
        ? [
            state.name,
            state.ready,
            state.unacked ?? '-',
            state.consumers,
            retrying(state),
            state.dead,
            // Not looked at, unless asked: each look costs the message a delivery.
            state.ready > 0 && !state.oldest ? '--oldest' : formatAge(state.oldest, now),
            formatAge(state.oldestDead, now),
          ]
        : [state.name, '-', '-', '-', '-', '-', '-', 'not declared: start an app that uses it'],
    ),
  );
}

function retrying({ retrying: rooms }: QueueState): string {
  const occupied = rooms.filter(({ count }) => count > 0);
  if (occupied.length === 0) return '0';
  return occupied.map(({ pauseMs, count }) => `${count} for ${formatPause(pauseMs)}`).join(', ');
}

/** Looks at all queues. @param oldest See `MessagingAdmin.queues`: each look costs a delivery. */
export async function showQueues(
  admin: MessagingAdmin,
  { json, oldest, now = new Date() }: { json: boolean; oldest: boolean; now?: Date },
): Promise<string> {
  const states = await admin.queues({ oldest });
  return json ? JSON.stringify(states, undefined, 2) : formatQueues(states, now);
}
