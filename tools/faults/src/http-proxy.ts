import { once } from 'node:events';
import { createServer, request as sendRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request. */
export type HttpFault =
  | { readonly kind: 'pass' }
  /** The server never hears of it. */
  | { readonly kind: 'fail'; readonly status: number; readonly code: string }
  /** The server does it, and the client hears a failure. */
  | { readonly kind: 'fail after'; readonly status: number; readonly code: string }
  /** Nothing happens until `until` is over; then the connection breaks. */
  | { readonly kind: 'hang'; readonly until: Promise<void> }
  /** The connection breaks at once. */
  | { readonly kind: 'cut' };

export interface HttpHooks {
  /** Before the request goes to the server. */
  before?(request: { readonly method: string; readonly url: string }): HttpFault;
  /** When the server's answer is there, before the client hears it. False: it never will. */
  after?(request: { readonly method: string; readonly url: string }): boolean;
}

export interface HttpProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * An HTTP proxy on 127.0.0.1 in front of an S3 server. The Host header passes as it is, because the
 * signature of a request covers it.
 */
export async function startHttpProxy(
  target: { readonly host: string; readonly port: number },
  hooks: HttpHooks,
): Promise<HttpProxy> {
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    const about = { method, url };
    incoming.on('error', () => undefined);
    const fault = hooks.before?.(about) ?? { kind: 'pass' };
    if (fault.kind === 'cut') return void incoming.socket.resetAndDestroy();
    if (fault.kind === 'hang') {
      incoming.resume();
      void fault.until.then(() => incoming.socket.resetAndDestroy());
      return;
    }
    const fail = ({ status, code }: { readonly status: number; readonly code: string }) => {
      incoming.resume();
      outgoing.writeHead(status, { 'content-type': 'application/xml', connection: 'close' });
      outgoing.end(
        `<?xml version="1.0"?><Error><Code>${code}</Code><Message>planned</Message></Error>`,
      );
    };
    if (fault.kind === 'fail') return fail(fault);

    const forwarded = sendRequest({
      ...target,
      method,
      path: url,
      headers: incoming.headers,
      setHost: false,
    });
    forwarded.on('error', () => outgoing.destroy());
    // A client that dies in the middle of its request must not become a whole request.
    incoming.on('close', () => {
      if (!incoming.complete) forwarded.destroy();
    });
    incoming.pipe(forwarded);
    forwarded.on('response', (response: IncomingMessage) => {
      response.on('error', () => outgoing.destroy());
      if (fault.kind === 'fail after') {
        response.resume();
        return fail(fault);
      }
      if (hooks.after && !hooks.after(about)) {
        response.resume();
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
  });
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
