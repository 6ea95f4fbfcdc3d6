import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { TwitterApi } from 'twitter-api-v2';

export interface XCredentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly accessToken: string;
  readonly accessTokenSecret: string;
  /** The app-only token; fetched with the consumer key unless given. */
  readonly bearerToken?: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface XClient {
  /** Acts as the bot's account (OAuth 1.0a): posting, media. */
  readonly user: TwitterApi;
  /** Acts as the app (bearer token): rules, stream, search. */
  app(): Promise<TwitterApi>;
  close(): void;
}

/**
 * The two clients of the X API.
 *
 * No connection is reused: a reset on an old idle connection would leave open whether a post was
 * accepted.
 *
 * @param options.endpoint A local simulator to reach instead of api.x.com.
 * @param options.idleMs A connection without a byte for so long is cut; the library itself waits for ever.
 */
export function createXClient(options: {
  readonly credentials: XCredentials;
  readonly endpoint?: Endpoint | undefined;
  readonly idleMs: number;
}): XClient {
  const { credentials, endpoint, idleMs } = options;
  const httpAgent = endpoint ? new SimulatorAgent(endpoint, idleMs) : new XAgent(idleMs);
  const user = new TwitterApi(
    {
      appKey: credentials.consumerKey,
      appSecret: credentials.consumerSecret,
      accessToken: credentials.accessToken,
      accessSecret: credentials.accessTokenSecret,
    },
    { httpAgent },
  );
  let app: Promise<TwitterApi> | undefined;
  return {
    user,
    app() {
      app ??= credentials.bearerToken
        ? Promise.resolve(new TwitterApi(credentials.bearerToken, { httpAgent }))
        : user.appLogin();
      app.catch(() => (app = undefined));
      return app;
    },
    close: () => httpAgent.destroy(),
  };
}

function cutWhenIdle<S extends Socket>(socket: S, idleMs: number): S {
  socket.setTimeout(idleMs, () => {
    socket.destroy(new Error(`No byte came for ${idleMs} ms.`));
  });
  return socket;
}

class XAgent extends https.Agent {
  constructor(private readonly idleMs: number) {
    super({ keepAlive: false });
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>) {
    const socket = super.createConnection(...args);
    return socket instanceof net.Socket ? cutWhenIdle(socket, this.idleMs) : socket;
  }
}

/**
 * Leads every connection to the simulator, in plain HTTP. URLs, and so the OAuth signatures over them,
 * stay those of api.x.com: the library has no option for another base URL. It calls `https.request`,
 * which accepts an agent only if the agent says that it speaks https.
 */
class SimulatorAgent extends http.Agent {
  readonly protocol = 'https:';
  readonly defaultPort = 443;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly idleMs: number,
  ) {
    super({ keepAlive: false });
  }

  override createConnection() {
    return cutWhenIdle(net.connect(this.endpoint.port, this.endpoint.host), this.idleMs);
  }
}
