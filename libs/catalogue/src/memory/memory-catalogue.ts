import type { Catalogue, CatalogueFailure } from '../port';
import { checkLimit, fromCursor } from '../position';
import { rebuildRunning } from '../rebuild-errors';
import { Content } from './content';

/** A catalogue in the memory of this process; it begins empty. */
export function createMemoryCatalogue(): Catalogue {
  let current = new Content();
  let next: Content | undefined;
  let isFilled = false;
  const failures = new Map<string, CatalogueFailure>();

  /** Where writes go: during a rebuild into the new content too. */
  const contents = (): Content[] => (next ? [current, next] : [current]);

  return {
    addMosaic: async (mosaic) => {
      for (const content of contents()) content.setMosaic(mosaic);
    },
    addAnswer: async (id, answer) => {
      for (const content of contents()) content.setAnswer(id, answer);
    },
    addFailure: async (failure) => {
      failures.set(failure.id, failure);
    },
    remove: async (id) => {
      for (const content of contents()) content.remove(id);
      failures.delete(id);
    },

    get: async (id) => current.entry(id),
    getFailure: async (id) => failures.get(id),
    list: async ({ limit, after }) => {
      checkLimit(limit);
      return current.page(limit, after === undefined ? undefined : fromCursor(after));
    },
    count: async () => current.size,

    rebuild: async (entries) => {
      if (next) throw rebuildRunning();
      const building = new Content(true);
      next = building;
      try {
        for await (const entry of entries) {
          building.fill(entry);
          if (!isFilled && !building.isRemoved(entry.mosaic.id)) current.fill(entry);
        }
        building.finish();
        current = building;
        isFilled = true;
        return { count: building.size };
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
