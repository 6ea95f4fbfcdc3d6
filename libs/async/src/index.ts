/** The vocabulary of waiting: pauses, time limits, retries and periodic work, all of them abortable. */
export * from './abortable';
export * from './backoff';
export * from './deadline';
export * from './deferred';
export * from './map-concurrently';
export * from './periodically';
export * from './retry';
export * from './sleep';
