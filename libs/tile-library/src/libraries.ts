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

/** The libraries in a bucket that campaigns have of their own; without the library `default`. */
export async function libraryNames(store: ObjectStore, bucket: string): Promise<string[]> {
  const names: string[] = [];
  for (let after = ''; ;) {
    let found: string | undefined;
    for await (const { key } of store.list(bucket, { prefix: librariesPrefix, after })) {
      found = key.slice(librariesPrefix.length).split('/')[0];
      break;
    }
    if (found === undefined) return names;
    names.push(found);
    // Skips all that lies in this library: '0' comes right after '/'.
    after = `${librariesPrefix}${found}0`;
  }
}
