import type { Catalogue } from '../port';
import { checkLimit, fromCursor } from '../position';
import { rebuildRunning } from '../rebuild-errors';
import { Content } from './content';

/** A catalogue in the memory of this process; it begins empty. */
export function createMemoryCatalogue(): Catalogue {
  let current = new Content();
  let next: Content | undefined;
  let isFilled = false;

  /** Where writes go: during a rebuild into the new content too. */
  const contents = (): Content[] => (next ? [current, next] : [current]);

  return {
    addMosaic: async (mosaic, saidAt = new Date()) => {
      for (const content of contents()) content.setMosaic(mosaic, saidAt.getTime());
    },
    addAnswer: async (id, answer) => {
      for (const content of contents()) content.setAnswer(id, answer);
    },
    remove: async (id, saidAt = new Date()) => {
      for (const content of contents()) content.remove(id, saidAt.getTime());
    },

    get: async (id) => current.entry(id),
    list: async ({ limit, after, campaigns }) => {
      checkLimit(limit);
      return current.page(limit, after === undefined ? undefined : fromCursor(after), campaigns);
    },
    count: async (campaigns) => current.count(campaigns),

    rebuild: async (entries) => {
      if (next) throw rebuildRunning();
      const building = new Content();
      next = building;
      const begunAt = Date.now();
      try {
        for await (const entry of entries) {
          building.fill(entry, begunAt);
          if (!isFilled) current.fill(entry, begunAt);
        }
        current = building;
        isFilled = true;
        return { count: building.count(undefined) };
      } finally {
        next = undefined;
      }
    },
    isRebuilding: async () => next !== undefined,
    isEmpty: async () => !isFilled,

    ping: async () => {},
    close: async () => {},
  };
}
