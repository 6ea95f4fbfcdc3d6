/** The list of all mosaics, for quick reading: the port, and its adapters in memory and in Redis. */
export { createMemoryCatalogue } from './memory/memory-catalogue';
export * from './port';
export { createRedisCatalogue, type RedisCatalogueOptions } from './redis/redis-catalogue';
