import { defaultCampaign } from '@mosaicme/contracts';
import { withKeyPrefix, type ObjectStore } from '@mosaicme/object-store';

/** Under which the libraries of campaigns lie in the bucket of the tiles, one folder each. */
export const librariesPrefix = 'libraries/';

/**
 * The part of the bucket in which one tile library lies. The library `default`, which campaigns share,
 * has the bucket itself.
 */
export const libraryStore = (store: ObjectStore, bucket: string, library: string): ObjectStore =>
  withKeyPrefix(store, bucket, library === defaultCampaign ? '' : `${librariesPrefix}${library}/`);
