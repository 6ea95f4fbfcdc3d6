import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Direction = 'to server' | 'to client';

/** Watches one connection. */
export interface Inspector {
  /** Looks at bytes before they pass on. Gives back what may pass; undefined ends the connection. */
  pass(direction: Direction, bytes: Buffer): Buffer | undefined;
  closed?(): void;
}

const blind: Inspector = { pass: (_direction, bytes) => bytes };

export interface TcpProxy {
  readonly port: number;
  /** Ends all connections with a reset; new ones are welcome. @returns how many. */
  reset(): number;
  /** Half-open: connections stand, but no byte passes in either direction while true. */
  hold(held: boolean): void;
  /** Milliseconds by which every piece of data is late; 0 again for as fast as it goes. */
  delay(ms: number): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy on 127.0.0.1 whose connections can be disturbed.
 *
 * @param inspect Makes an inspector for each connection.
 */
export async function startTcpProxy(
  target: { readonly host: string; readonly port: number },
  inspect: () => Inspector = () => blind,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let held = false;
  let delayMs = 0;
  const released = new Set<() => void>();

  const server = createServer((client) => {
    const upstream = connect(target);
    const inspector = inspect();
    join(client, upstream, 'to server', inspector);
    join(upstream, client, 'to client', inspector);
    client.once('close', () => inspector.closed?.());
  });

  function join(from: Socket, to: Socket, direction: Direction, inspector: Inspector): void {
    sockets.add(from);
    let turn = Promise.resolve();
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      // What is on its way still arrives.
      turn = turn.then(() => void to.end());
    });
    from.on('data', (bytes: Buffer) => {
      // What nobody receives any more has not happened.
      if (to.destroyed) return;
      const passing = inspector.pass(direction, bytes);
      if (!passing) {
        from.destroy();
        to.destroy();
        return;
      }
      if (!held && delayMs === 0) {
        turn = turn.then(() => write(to, passing));
        return;
      }
      const readyAt = Date.now() + delayMs;
      turn = turn.then(() => untilReleased(readyAt)).then(() => write(to, passing));
    });
  }

  function hold(wanted: boolean): void {
    held = wanted;
    if (held) return;
    for (const release of released) release();
    released.clear();
  }

  async function untilReleased(readyAt: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, readyAt - Date.now())));
    while (held) await new Promise<void>((resolve) => released.add(resolve));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    reset() {
      const count = sockets.size / 2;
      for (const socket of sockets) socket.resetAndDestroy();
      return count;
    },
    hold,
    delay: (ms) => (delayMs = ms),
    async close() {
      hold(false);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function write(socket: Socket, bytes: Buffer): void {
  if (!socket.destroyed && socket.writable) socket.write(bytes);
}
