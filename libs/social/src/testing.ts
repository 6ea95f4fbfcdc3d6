/** For the tests of the adapters on simulated networks; nothing else needs to know which adapter it has. */
export { createXNetwork, type XNetworkOptions } from './x/network';
export { defaultXTimings, type XTimings } from './x/timings';
export {
  describeNetwork,
  type NetworkTraits,
  type PersonsPost,
  type SeenAnswer,
  type SimulatedNetwork,
} from './conformance';
export { createMastodonNetwork, type MastodonNetworkOptions } from './mastodon/network';
export { defaultMastodonTimings, type MastodonTimings } from './mastodon/timings';
export { statusLength } from './mastodon/limits';
