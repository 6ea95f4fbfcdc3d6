import type { Catalogue, CataloguePage } from '@mosaicme/catalogue';

/** A page of the gallery's list. */
export interface Listing extends CataloguePage {
  /** Mosaics in the whole list. */
  readonly count: number;
  /** Mosaics may be missing until the catalogue is rebuilt from the buckets. */
  readonly isRebuilding: boolean;
}

/** @throws TransientError when the catalogue does not answer. */
export async function readListing(
  catalogue: Catalogue,
  wanted: Parameters<Catalogue['list']>[0],
): Promise<Listing> {
  const [page, count, isRebuilding, hasLostAll] = await Promise.all([
    catalogue.list(wanted),
    catalogue.count(wanted.campaigns),
    catalogue.isRebuilding(),
    // Cacher, which rebuilds it, does not notice at once.
    catalogue.isEmpty(),
  ]);
  return { ...page, count, isRebuilding: isRebuilding || hasLostAll };
}
