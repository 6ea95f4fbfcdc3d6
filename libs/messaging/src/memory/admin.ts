import type { QueueRole } from '@mosaicme/contracts';
import { parseEvent } from '@mosaicme/contracts';
import { failureTime, readLetter, type Letter, type MessagingAdmin, type Select } from '../admin';
import { replayHeaders } from '../trail';
import type { MemoryQueue } from './queue';

/** The operator's side of the broker in memory. */
export function createMemoryAdmin(
  queues: Readonly<Record<QueueRole, MemoryQueue>>,
): MessagingAdmin {
  const take = async (
    queue: MemoryQueue,
    select: Select,
    act: (letter: Letter, headers: Readonly<Record<string, unknown>> | undefined) => Promise<void>,
  ): Promise<number> => {
    let taken = 0;
    for (const message of [...queue.dead]) {
      const letter = readLetter(message.content, message.headers);
      if (!select(letter)) continue;
      await act(letter, message.headers);
      const index = queue.dead.indexOf(message);
      if (index >= 0) queue.dead.splice(index, 1);
      taken++;
    }
    return taken;
  };

  return {
    async queues({ oldest = false } = {}) {
      return Object.values(queues).map((queue) => {
        const { layout, ready, unacked, consumers, dead, first } = queue;
        return {
          role: layout.role,
          name: layout.name,
          exists: true,
          ready,
          unacked,
          consumers,
          retrying: layout.retryQueues.map(({ pauseMs }) => ({
            pauseMs,
            count: queue.retrying(pauseMs),
          })),
          dead: dead.length,
          oldest: oldest && first ? timeOf(first) : undefined,
          oldestDead: dead[0] && failureTime(readLetter(dead[0].content, dead[0].headers)),
        };
      });
    },

    async deadLetters(role, { limit }) {
      return queues[role].dead
        .slice(0, limit)
        .map(({ content, headers }) => readLetter(content, headers));
    },

    replay: (role, { select, before }) =>
      take(queues[role], select, async (letter, headers) => {
        await before?.(letter);
        queues[role].put({ content: letter.content, headers: replayHeaders(headers, new Date()) });
      }),

    drop: (role, { select }) => take(queues[role], select, async () => {}),

    async close() {},
  };
}

function timeOf(content: Uint8Array): Date | undefined {
  try {
    return new Date(parseEvent(content).time);
  } catch {
    return undefined;
  }
}
