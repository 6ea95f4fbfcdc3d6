/** Campaigns: what one event or community decides. */
export * from './directory';
export * from './schema';
export * from './state';
export * from './store';
