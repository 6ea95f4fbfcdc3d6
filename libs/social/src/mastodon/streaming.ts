import { createParser } from 'eventsource-parser';
import { fromStatus, toMastodonError } from './errors';

/** An event of the streaming API: its name, and its data as text. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** An open stream. */
export interface EventStream {
  /** Ends when the server closes the line. @throws TransientError when it is cut or falls silent. */
  readonly events: AsyncIterable<StreamEvent>;
}

/**
 * Opens a stream of server-sent events. The client library has the streaming API by WebSocket only, and
 * does not notice a line that fell silent.
 *
 * @param options.idleMs Without a byte for so long, heartbeats included, the stream counts as dead.
 * @throws AccountFault, PermanentError, TransientError when the server refuses it.
 */
export async function openStream(options: {
  readonly url: URL;
  readonly accessToken: string;
  readonly idleMs: number;
  readonly signal: AbortSignal;
}): Promise<EventStream> {
  const { url, accessToken, idleMs, signal } = options;
  const doing = `while opening the stream ${url.pathname}`;
  const idle = new AbortController();
  const silent = () => idle.abort(new Error(`nothing came from ${url.pathname} for ${idleMs} ms`));
  let timer = setTimeout(silent, idleMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(silent, idleMs);
  };
  let response: Response;
  try {
    response = await fetch(url, {
      headers: {
        accept: 'text/event-stream',
        'accept-encoding': 'identity',
        authorization: `Bearer ${accessToken}`,
      },
      signal: AbortSignal.any([signal, idle.signal]),
    });
  } catch (error) {
    clearTimeout(timer);
    signal.throwIfAborted();
    throw toMastodonError(error, doing);
  }
  const { body } = response;
  if (response.status !== 200 || !body) {
    clearTimeout(timer);
    const detail = (await response.text().catch(() => '')).slice(0, 200);
    throw fromStatus(response.status, response.headers, detail, doing, 'reading');
  }

  async function* read(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
    const found: StreamEvent[] = [];
    const parser = createParser({
      onEvent: ({ event = 'message', data }) => void found.push({ event, data }),
    });
    const decoder = new TextDecoder();
    try {
      for await (const bytes of stream as unknown as AsyncIterable<Uint8Array>) {
        alive();
        parser.feed(decoder.decode(bytes, { stream: true }));
        yield* found.splice(0);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw toMastodonError(idle.signal.aborted ? idle.signal.reason : error, `on ${url.pathname}`);
    } finally {
      clearTimeout(timer);
    }
  }
  return { events: read(body) };
}
