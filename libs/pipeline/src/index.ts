/** What the workers of the pipeline share: records in the buckets, and what becomes of a message. */
export * from './app';
export * from './connect';
export * from './consume';
export * from './failures';
export * from './lease-work';
export * from './observe';
export * from './reconcile';
export * from './reindex';
export * from './submit';
export * from './withdraw';
