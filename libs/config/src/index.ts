/** Environment variables -> a typed configuration, or one error that lists everything wrong. */
export * from './apps';
export { ConfigError, OptionalGroup, readConfig } from './define';
export type { ConfigOf, ConfigProblem, ConfigSchema, Group, GroupValues, Variable } from './define';
export { configurationDocument } from './document';
export * as groups from './groups';
export { networksInUse } from './groups';
