/** What the apps agree on: events, their envelope, the topology, bucket and key names. */
export * from './campaign';
export * from './envelope';
export * from './events';
export * from './ids';
export * from './keys';
export * from './photo';
export * from './request';
export * from './stages';
export * from './photo-limits';
export * from './topology';
