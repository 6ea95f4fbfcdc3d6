import type { Logger } from '@mosaicme/service';
import type { Network, NetworkId } from './port';
import { createMastodonNetwork } from './mastodon/network';
import { createXNetwork } from './x/network';
import type { XCredentials } from './x/client';

/** What each network needs; one without its part is not in use. */
export interface NetworksConfig {
  readonly twitter?:
    | (XCredentials & {
        readonly username: string;
        readonly answerAll: boolean;
        readonly mode: 'stream' | 'search';
        readonly searchSeconds: number;
        readonly apiHost: string | undefined;
        readonly apiPort: number | undefined;
      })
    | undefined;
  readonly mastodon?:
    { readonly url: string; readonly accessToken: string; readonly answerAll: boolean } | undefined;
}

/** The networks in use. */
export interface Networks extends Iterable<Network> {
  /** Undefined where that network, or that instance of it, is not in use. */
  get(id: NetworkId): Network | undefined;
  close(): Promise<void>;
}

/** Opens every configured network. Nothing is asked of any of them before it is used. */
export function openNetworks(
  { twitter, mastodon }: NetworksConfig,
  { logger }: { readonly logger: Logger },
): Networks {
  const networks: Network[] = [];
  if (twitter) {
    const { apiHost, apiPort = 80, searchSeconds, username, answerAll, mode } = twitter;
    networks.push(
      createXNetwork({
        credentials: twitter,
        username,
        answerAll,
        mode,
        timings: { searchIntervalMs: searchSeconds * 1_000 },
        ...(apiHost !== undefined && { endpoint: { host: apiHost, port: apiPort } }),
        logger,
      }),
    );
  }
  if (mastodon) networks.push(createMastodonNetwork({ ...mastodon, logger }));
  return networksOf(networks);
}

/** Networks that are open already. */
export function networksOf(networks: readonly Network[]): Networks {
  return {
    [Symbol.iterator]: () => networks[Symbol.iterator](),
    get: ({ name, instance }) =>
      networks.find(({ id }) => id.name === name && id.instance === instance),
    async close() {
      await Promise.all(networks.map((network) => network.close()));
    },
  };
}
