/** Counts the calls that apps make to the store, from their `/metrics`. */
export interface StoreCalls {
  /** Calls of all apps since they started. */
  count(): Promise<number>;
}

const sample = /^mosaicme_store_seconds_count\{[^}]*\} (\d+(?:\.\d+)?)$/gm;

/** The calls to the store in a page of metrics, in the text format of Prometheus. */
export function storeCallsIn(page: string): number {
  return [...page.matchAll(sample)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** @param healthUrls Addresses of the apps' health pages, as they are known by now. */
export function watchStoreCalls(healthUrls: () => Iterable<string>): StoreCalls {
  return {
    async count() {
      const pages = await Promise.all(
        [...healthUrls()].map(async (url) => (await fetch(`${url}/metrics`)).text()),
      );
      return pages.reduce((sum, page) => sum + storeCallsIn(page), 0);
    },
  };
}
