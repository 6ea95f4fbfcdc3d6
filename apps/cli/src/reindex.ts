import { createRedisCatalogue } from '@mosaicme/catalogue';
import { appSchemas, readConfig } from '@mosaicme/config';
import { objectKeys } from '@mosaicme/contracts';
import { connectStore, reindex } from '@mosaicme/pipeline';
import { createLogger, version } from '@mosaicme/service';

/**
 * Rebuilds the catalogue in Redis from the buckets; the cacher does the same by itself when it finds
 * Redis empty.
 *
 * @throws ConfigError that lists every bad or missing variable.
 */
export async function reindexCatalogue(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly count: number; readonly seconds: number }> {
  const config = readConfig('reindex', appSchemas.cacher, environment);
  const logger = createLogger({
    app: 'mosaicme',
    instance: 'reindex',
    version,
    level: 'warn',
    destination: process.stderr,
  });
  const store = connectStore(config);
  const catalogue = createRedisCatalogue({ ...config.redis, logger });
  const startedAt = performance.now();
  try {
    const { count } = await reindex({
      store,
      catalogue,
      keys: objectKeys(config.buckets),
      buckets: config.buckets,
      logger,
    });
    return { count, seconds: (performance.now() - startedAt) / 1_000 };
  } finally {
    await catalogue.close();
    await store.close();
  }
}
