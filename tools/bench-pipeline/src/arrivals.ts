import type { Messaging } from '@mosaicme/messaging';

/** Milliseconds without any news after which the wait fails. */
const waitMs = 120_000;

/** What is waited for. */
type Kind = 'published' | 'answered';

/** Hears which mosaics are done, and when. */
export interface Arrivals {
  /** When the event about this photo was heard, by `performance.now()`. */
  of(kind: Kind, id: string): Promise<number>;
  count(kind: Kind): number;
  /** Resolves when so many were heard. */
  reached(kind: Kind, count: number): Promise<number>;
}

export async function watchArrivals(messaging: Messaging): Promise<Arrivals> {
  const heard = { published: new Map<string, number>(), answered: new Map<string, number>() };
  const waiting = new Set<() => void>();
  const hear = (kind: Kind, id: string): void => {
    if (!heard[kind].has(id)) heard[kind].set(id, performance.now());
    for (const look of waiting) look();
  };
  await messaging.listen(['mosaic.published.v1', 'mosaic.answered.v1'], (event) => {
    if (event.type === 'mosaic.published.v1') hear('published', event.data.mosaic.id);
    else hear('answered', event.data.id);
  });
  const until = <Value>(what: string, find: () => Value | undefined): Promise<Value> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`Nothing heard for ${waitMs / 1_000} s while waiting for ${what}.`));
      }, waitMs);
      const look = () => {
        const value = find();
        if (value === undefined) return void timer.refresh();
        clearTimeout(timer);
        waiting.delete(look);
        resolve(value);
      };
      waiting.add(look);
      look();
    });
  return {
    of: (kind, id) => until(`${id} ${kind}`, () => heard[kind].get(id)),
    count: (kind) => heard[kind].size,
    reached: (kind, count) =>
      until(`${count} ${kind}`, () => (heard[kind].size >= count ? performance.now() : undefined)),
  };
}
