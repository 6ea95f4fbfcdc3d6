import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy on 127.0.0.1 that a test can cut. */
export interface TcpProxy {
  readonly port: number;
  /** Destroys all connections; new ones are welcome. */
  cut(): void;
  /** Puts bytes into the newest connection, as if its client had sent them. */
  sendToServer(bytes: Uint8Array): void;
  /** Destroys all connections and takes no more. */
  close(): Promise<void>;
}

/** Starts a proxy in front of a server. `port` 0 takes a free one. */
export async function startTcpProxy(
  target: { host: string; port: number },
  port = 0,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let newest: Socket | undefined;
  const server = createServer((client) => {
    const upstream = connect(target);
    newest = upstream;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    sendToServer: (bytes) => void newest?.write(bytes),
    async close() {
      server.close();
      cut();
      if (server.listening) await once(server, 'close');
    },
  };
}
