import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { SocialEvent } from './port';

/**
 * The bounded buffer between a network and whoever iterates: it takes each post once and hands it on.
 * A stream cannot wait, so it offers; a search can, so it puts.
 */
export interface Inbox {
  /** Takes a post unless the buffer is full. True when it is taken, now or before. */
  offer(id: string, read: () => SocialEvent | undefined): boolean;
  /** Takes a post, and waits for space first. */
  put(id: string, read: () => SocialEvent | undefined, signal: AbortSignal): Promise<void>;
  /** Resolves when there is space again. */
  space(signal: AbortSignal): Promise<void>;
  /** No more posts; `error` is thrown to the reader. */
  end(error?: unknown): void;
  readonly events: AsyncIterable<SocialEvent>;
}

/**
 * @param options.capacity Posts held at most for a slow reader.
 * @param options.remembered Ids kept to tell duplicates; the oldest are forgotten first.
 */
export function createInbox(options: { capacity: number; remembered: number }): Inbox {
  const buffer = new PassThrough({
    objectMode: true,
    writableHighWaterMark: options.capacity,
    readableHighWaterMark: 1,
  });
  const seen = new Set<string>();

  const take = (id: string, read: () => SocialEvent | undefined) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= options.remembered) break;
      seen.delete(oldest);
    }
    const event = read();
    if (event && buffer.writable) buffer.write(event);
  };
  const space = async (signal: AbortSignal) => {
    if (buffer.writableNeedDrain) await once(buffer, 'drain', { signal });
  };

  return {
    offer(id, read) {
      if (buffer.writableNeedDrain) return seen.has(id);
      take(id, read);
      return true;
    },
    async put(id, read, signal) {
      await space(signal);
      signal.throwIfAborted();
      take(id, read);
    },
    space,
    end(error) {
      if (error === undefined) buffer.end();
      else buffer.destroy(error instanceof Error ? error : new Error(String(error)));
    },
    events: buffer,
  };
}
