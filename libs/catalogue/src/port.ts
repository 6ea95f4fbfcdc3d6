import type { Answer, PublishedMosaic } from '@mosaicme/contracts';

/** A mosaic as the gallery lists it. */
export interface CatalogueEntry {
  readonly mosaic: PublishedMosaic;
  readonly answer?: Answer;
}

/** A request that was given up, kept so that its page can say so. */
export interface CatalogueFailure {
  readonly id: string;
  readonly code: string;
  readonly reason: string;
  readonly failedAt: string;
}

export interface CataloguePage {
  /** Newest first: by `publishedAt`, then by id. */
  readonly entries: readonly CatalogueEntry[];
  /** Give it to `list` to read on; undefined on the last page. */
  readonly next?: string;
}

/**
 * The list of all mosaics, for quick reading. It is a cache: all of it can be rebuilt from the buckets.
 * All writes are idempotent and their order does not matter: an answer may come before its mosaic.
 */
export interface Catalogue {
  addMosaic(mosaic: PublishedMosaic): Promise<void>;
  addAnswer(id: string, answer: Answer): Promise<void>;
  addFailure(failure: CatalogueFailure): Promise<void>;
  /** Removes everything about an id. */
  remove(id: string): Promise<void>;

  get(id: string): Promise<CatalogueEntry | undefined>;
  getFailure(id: string): Promise<CatalogueFailure | undefined>;
  /** @param options.limit 1 to 200. @param options.after `next` of the page before. */
  list(options: { readonly limit: number; readonly after?: string }): Promise<CataloguePage>;
  /** Mosaics in the list. */
  count(): Promise<number>;

  /**
   * Rebuilds everything from `entries`. Meanwhile `isRebuilding` is true and the old content stays
   * readable, or where all was lost, what is found comes back bit by bit; what is added during the
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
