/** What the apps agree on: events, their envelope, the topology, bucket and key names. */
export * from './envelope';
export * from './events';
export * from './ids';
export * from './keys';
export * from './photo';
export * from './topology';
