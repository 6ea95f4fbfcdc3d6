import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { TwitterApi, type ITwitterApiClientPlugin, type TwitterApiTokens } from 'twitter-api-v2';

export interface XCredentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly accessToken: string;
  readonly accessTokenSecret: string;
  /** The app-only token; fetched with the consumer key unless given. */
  readonly bearerToken?: string | undefined;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface XClient {
  /** Acts as the bot's account (OAuth 1.0a): posting, media. */
  readonly user: TwitterApi;
  /** Acts as the app (bearer token): rules, search. */
  app(): Promise<TwitterApi>;
  /** The same without a limit on how long a response lasts: the stream. */
  streaming(): Promise<TwitterApi>;
  close(): void;
}

/** How long connections may be silent, and how long they may last, in milliseconds. */
export interface ConnectionLimits {
  /** Without a byte for so long, a connection is cut; the library itself waits for ever. */
  readonly idleMs: number;
  /** A request that takes longer is cut, however much comes. The stream has no such limit. */
  readonly requestMs: number;
}

/**
 * The clients of the X API.
 *
 * No connection is reused: a reset on an old idle connection would leave open whether a post was
 * accepted. Compressed responses are not asked for: the library pipes them through a decompressor
 * without telling it when the connection is cut, and then waits for ever.
 *
 * @param options.endpoint A local simulator to reach instead of api.x.com.
 */
export function createXClient(
  options: ConnectionLimits & {
    readonly credentials: XCredentials;
    readonly endpoint?: Endpoint | undefined;
  },
): XClient {
  const { credentials, endpoint, idleMs, requestMs } = options;
  const agentWith = (limits: SocketLimits) =>
    endpoint ? new SimulatorAgent(endpoint, limits) : new XAgent(limits);
  const requestAgent = agentWith({ idleMs, lifetimeMs: requestMs });
  const streamAgent = agentWith({ idleMs });
  const connect = (tokens: TwitterApiTokens | string, httpAgent: http.Agent | https.Agent) =>
    typeof tokens === 'string'
      ? new TwitterApi(tokens, { httpAgent, compression: 'identity', plugins: [uncompressed] })
      : new TwitterApi(tokens, { httpAgent, compression: 'identity', plugins: [uncompressed] });

  const user = connect(
    {
      appKey: credentials.consumerKey,
      appSecret: credentials.consumerSecret,
      accessToken: credentials.accessToken,
      accessSecret: credentials.accessTokenSecret,
    },
    requestAgent,
  );
  let token: Promise<string> | undefined;
  const bearerToken = (): Promise<string> => {
    const known =
      token ?? (credentials.bearerToken ? Promise.resolve(credentials.bearerToken) : login());
    token = known;
    known.catch(() => (token = undefined));
    return known;
  };
  const login = async (): Promise<string> => {
    const tokens = (await user.appLogin()).getActiveTokens();
    if (tokens.type === 'oauth2') return tokens.bearerToken;
    throw new Error('X gave no app-only token.');
  };
  return {
    user,
    app: async () => connect(await bearerToken(), requestAgent),
    streaming: async () => connect(await bearerToken(), streamAgent),
    close() {
      requestAgent.destroy();
      streamAgent.destroy();
    },
  };
}

/** Says that no compression is wanted: without the header a server may choose one. */
const uncompressed: ITwitterApiClientPlugin = {
  onBeforeRequestConfig({ params }) {
    params.headers = { ...params.headers, 'accept-encoding': 'identity' };
  },
  onBeforeStreamRequestConfig({ params }) {
    params.headers = { ...params.headers, 'accept-encoding': 'identity' };
  },
};

interface SocketLimits {
  readonly idleMs: number;
  /** A socket serves one request, so this limits the request. */
  readonly lifetimeMs?: number;
}

function limited<S extends Socket>(socket: S, { idleMs, lifetimeMs }: SocketLimits): S {
  socket.setTimeout(idleMs, () => {
    socket.destroy(new Error(`No byte came for ${idleMs} ms.`));
  });
  if (lifetimeMs !== undefined) {
    const timer = setTimeout(() => {
      socket.destroy(new Error(`The request took longer than ${lifetimeMs} ms.`));
    }, lifetimeMs);
    socket.once('close', () => clearTimeout(timer));
  }
  return socket;
}

class XAgent extends https.Agent {
  constructor(private readonly limits: SocketLimits) {
    super({ keepAlive: false });
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>) {
    const socket = super.createConnection(...args);
    return socket instanceof net.Socket ? limited(socket, this.limits) : socket;
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
    private readonly limits: SocketLimits,
  ) {
    super({ keepAlive: false });
  }

  override createConnection() {
    return limited(net.connect(this.endpoint.port, this.endpoint.host), this.limits);
  }
}
