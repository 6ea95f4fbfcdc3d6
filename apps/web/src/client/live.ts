import { backoffMs } from '@mosaicme/async';

/** A connection as the browser has it; the part of EventSource that is used. */
export interface LiveSource {
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface LiveOptions {
  /** Opens a connection; `after` is the id of the last event that was heard. */
  open(after: string | undefined): LiveSource;
  /** Calls back after so many milliseconds; returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Milliseconds until the next attempt. */
  pauseMs?(attempt: number): number;
  /** Told when the connection is gone for longer than a moment, and when it is back. */
  onState?(state: 'connected' | 'offline'): void;
}

interface Listener {
  readonly name: string;
  readonly listener: (data: string) => void;
}

const pauses = { firstMs: 2_000, longestMs: 60_000 };
/** A connection that is gone for less is no news. */
const noticeableMs = 3_000;

/**
 * One connection for all live events of a page, opened when somebody listens and kept by own retries with
 * backoff and jitter: an EventSource gives up for good after any answer that is not 200.
 *
 * While the page is hidden the connection is closed, because over HTTP/1.1 a browser has six for all
 * tabs of a site. Whoever must not miss anything asks for it in `onOpen`.
 */
export class Live {
  readonly #listeners: Listener[] = [];
  readonly #openers: (() => void)[] = [];
  #source: LiveSource | undefined;
  #lastId: string | undefined;
  #failures = 0;
  #isPaused = false;
  #cancelRetry: (() => void) | undefined;
  #cancelNotice: (() => void) | undefined;

  constructor(private readonly options: LiveOptions) {}

  /** Calls `listener` with the data of each event of this name. */
  on<Data>(name: string, listener: (data: Data) => void): void {
    const entry = { name, listener: (data: string) => listener(JSON.parse(data) as Data) };
    this.#listeners.push(entry);
    if (this.#source) this.#listen(this.#source, entry);
    else this.#connect();
  }

  /** Calls back each time that the connection opens: something may have been missed until then. */
  onOpen(callback: () => void): void {
    this.#openers.push(callback);
    this.#connect();
  }

  /** Closes the connection until `resume`. */
  pause(): void {
    this.#isPaused = true;
    this.#drop();
    this.#stopWaiting();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#failures = 0;
    this.#connect();
  }

  #connect(): void {
    if (this.#isPaused || this.#source || this.#cancelRetry) return;
    if (this.#listeners.length === 0 && this.#openers.length === 0) return;
    const source = this.options.open(this.#lastId);
    this.#source = source;
    source.addEventListener('open', () => this.#opened(source));
    source.addEventListener('error', () => this.#failed(source));
    for (const entry of this.#listeners) this.#listen(source, entry);
  }

  #listen(source: LiveSource, { name, listener }: Listener): void {
    source.addEventListener(name, (event) => {
      if (source !== this.#source) return;
      if (event.lastEventId) this.#lastId = event.lastEventId;
      listener(event.data);
    });
  }

  #opened(source: LiveSource): void {
    if (source !== this.#source) return;
    this.#failures = 0;
    this.#cancelNotice?.();
    this.#cancelNotice = undefined;
    this.options.onState?.('connected');
    for (const callback of this.#openers) callback();
  }

  #failed(source: LiveSource): void {
    if (source !== this.#source) return;
    this.#drop();
    this.#cancelNotice ??= this.options.after(noticeableMs, () =>
      this.options.onState?.('offline'),
    );
    const pauseMs = this.options.pauseMs ?? ((attempt) => backoffMs(attempt, pauses));
    this.#cancelRetry = this.options.after(pauseMs(this.#failures++), () => {
      this.#cancelRetry = undefined;
      this.#connect();
    });
  }

  #drop(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  #stopWaiting(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#cancelNotice?.();
    this.#cancelNotice = undefined;
  }
}
