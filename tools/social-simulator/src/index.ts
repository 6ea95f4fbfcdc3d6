/** A local stand-in for X: the API that MosaicMe uses, photos, and a page for people. */
export {
  demoCredentials,
  startSimulator,
  type PersonalPost,
  type SimulatedPhoto,
  type SimulatedPost,
  type Simulator,
  type SimulatorOptions,
} from './simulator';
export { credentialVariables, simulatorVariables } from './variables';
export type { Failure, Faults } from './faults';
export type { Credentials } from './oauth1';
export type { Spending } from './bill';
export { realLimits, type EndpointName, type RateLimit } from './rate-limits';
export {
  startMastodonSimulator,
  type MastodonAnswer,
  type MastodonPost,
  type MastodonSimulator,
  type MastodonSimulatorOptions,
} from './mastodon/simulator';
