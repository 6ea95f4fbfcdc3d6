import { randomUUID } from 'node:crypto';

/** A server-sent event; `data` becomes JSON. */
export interface LiveEvent {
  readonly name:
    'mosaic.published' | 'mosaic.answered' | 'mosaic.failed' | 'mosaic.removed' | 'status';
  readonly data: unknown;
}

/** Where a listener's text goes. */
export interface Sink {
  write(text: string): void;
  /** Bytes that the listener has not taken yet. */
  pending(): number;
  end(): void;
}

export interface HubOptions {
  readonly maxListeners: number;
  /** Milliseconds between comments that keep proxies from closing a quiet connection. */
  readonly keepAliveMs?: number;
}

const keptEvents = 100;
const maxPendingBytes = 1_000_000;
const reconnectAfterMs = 3_000;

/**
 * Hands live events to any number of browsers, up to a limit. The last hundred are kept, so that a
 * browser that was away for a moment hears what it missed. A listener that does not keep up is let go;
 * it comes back by itself.
 */
export class EventHub {
  private readonly sinks = new Set<Sink>();
  private readonly kept: { readonly id: string; readonly text: string }[] = [];
  // Ids of another run of this server mean nothing here, so each run has its own.
  private readonly run = randomUUID().slice(0, 8);
  private count = 0;
  private readonly keepAlive: NodeJS.Timeout;

  constructor(private readonly options: HubOptions) {
    this.keepAlive = setInterval(
      () => this.broadcast(': still here\n\n'),
      options.keepAliveMs ?? 15_000,
    );
    this.keepAlive.unref();
  }

  get isFull(): boolean {
    return this.sinks.size >= this.options.maxListeners;
  }

  /**
   * Adds a listener and first sends what it missed since `lastEventId`; an unknown id is ignored.
   *
   * @returns a function that takes the listener off.
   */
  add(sink: Sink, lastEventId?: string): () => void {
    sink.write(`retry: ${reconnectAfterMs}\n\n`);
    const last = this.kept.findIndex(({ id }) => id === lastEventId);
    if (last >= 0) for (const { text } of this.kept.slice(last + 1)) sink.write(text);
    this.sinks.add(sink);
    return () => this.sinks.delete(sink);
  }

  publish(event: LiveEvent): void {
    this.count += 1;
    const id = `${this.run}-${this.count}`;
    // JSON has no raw line breaks, so one data line is enough.
    const text = `id: ${id}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`;
    this.kept.push({ id, text });
    if (this.kept.length > keptEvents) this.kept.shift();
    this.broadcast(text);
  }

  close(): void {
    clearInterval(this.keepAlive);
    for (const sink of this.sinks) sink.end();
    this.sinks.clear();
  }

  private broadcast(text: string): void {
    for (const sink of this.sinks) {
      if (sink.pending() > maxPendingBytes) {
        this.sinks.delete(sink);
        sink.end();
      } else {
        sink.write(text);
      }
    }
  }
}
