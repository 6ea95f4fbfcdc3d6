import type { Credentials } from './oauth1';
import type { Simulator } from './simulator';

/** The variables by which an app logs in. */
export const credentialVariables = (credentials: Credentials) => ({
  TWITTER_CONSUMER_KEY: credentials.consumerKey,
  TWITTER_CONSUMER_SECRET: credentials.consumerSecret,
  TWITTER_ACCESS_TOKEN: credentials.accessToken,
  TWITTER_ACCESS_TOKEN_SECRET: credentials.accessTokenSecret,
});

/** The variables by which an app has the simulator as its X. */
export const simulatorVariables = (
  simulator: Pick<Simulator, 'credentials' | 'botHandle' | 'host' | 'port' | 'url'>,
) => ({
  ...credentialVariables(simulator.credentials),
  TWITTER_USERNAME: simulator.botHandle,
  TWITTER_API_HOST: simulator.host,
  TWITTER_API_PORT: String(simulator.port),
  MEDIA_ALLOWED_ORIGINS: new URL(simulator.url).origin,
});
