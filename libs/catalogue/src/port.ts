import type { Answer, PublishedMosaic } from '@mosaicme/contracts';

/** A mosaic as the gallery lists it. Its campaign is a field of the mosaic. */
export interface CatalogueEntry {
  readonly mosaic: PublishedMosaic;
  readonly answer?: Answer;
}

export interface CataloguePage {
  /** Newest first: by `publishedAt`, then by id. */
  readonly entries: readonly CatalogueEntry[];
  /** Give it to `list` to read on; undefined on the last page. */
  readonly next?: string;
}

export interface ListOptions {
  /** 1 to 200. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** Only mosaics of these campaigns; all mosaics unless given. */
  readonly campaigns?: readonly string[];
}

/**
 * The list of all mosaics, for quick reading. It is a cache: all of it can be rebuilt from the buckets.
 *
 * All writes are idempotent and their order does not matter: an answer may come before its mosaic, and of
 * what is said about one mosaic, the latest saying holds. `saidAt` is when it was said (the time of the
 * event; now unless given), so a message that comes late neither brings back what was removed nor an
 * earlier revision.
 */
export interface Catalogue {
  /** Adds a mosaic, or replaces the one with its id. */
  addMosaic(mosaic: PublishedMosaic, saidAt?: Date): Promise<void>;
  /** Adds the answer, unless its mosaic was removed. */
  addAnswer(id: string, answer: Answer): Promise<void>;
  /** Removes a mosaic and its answer. What was said of it before stays away until the next rebuild. */
  remove(id: string, saidAt?: Date): Promise<void>;

  get(id: string): Promise<CatalogueEntry | undefined>;
  list(options: ListOptions): Promise<CataloguePage>;
  /** Mosaics in the list, or in those of some campaigns. */
  count(campaigns?: readonly string[]): Promise<number>;

  /**
   * Rebuilds everything from `entries`. Meanwhile `isRebuilding` is true and the old content stays
   * readable, or where all was lost, what is found comes back bit by bit; what is said during the
   * rebuild is in the new content too. When `entries` throws, the old content stays.
   */
  rebuild(entries: AsyncIterable<CatalogueEntry>): Promise<{ readonly count: number }>;
  isRebuilding(): Promise<boolean>;
  /** True when it was never filled, or lost its content: somebody should rebuild it. */
  isEmpty(): Promise<boolean>;

  /** @throws TransientError when the catalogue does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
