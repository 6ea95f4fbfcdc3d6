/** A server of our own. Its ports and its data stay the same over `stop` and `start`. */
export interface TestServer {
  readonly url: string;
  /** Kills the server at once, as a crash would; resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts it again; resolves when it is ready. */
  start(): Promise<void>;
}

/** A server and what stands behind it. */
export interface OwnedServer extends TestServer {
  /** Ends everything. The folder may be removed then. */
  close(): Promise<void>;
}

/** A server that somebody else runs: it is used, never stopped. */
export function foreignServer(url: string): OwnedServer {
  const refuse = async (): Promise<never> => {
    throw new Error(
      `The server ${new URL(url).host} was given by its URL; it is not ours to stop.`,
    );
  };
  return { url, stop: refuse, start: refuse, close: async () => {} };
}

/** Starts a server that was just described; ends what stands of it when that fails. */
export async function startOrClose(server: OwnedServer): Promise<OwnedServer> {
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}
