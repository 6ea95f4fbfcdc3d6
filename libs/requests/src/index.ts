/** Requests: their facts, their state, and what was decided about them. */
export * from './decisions';
export * from './gate';
export * from './listing';
export * from './log';
export * from './read';
export * from './records';
export * from './settled';
export * from './state';
