/** Spans around what a service does. Their context travels in the envelopes, as W3C `traceparent`. */
export interface Tracing {
  /**
   * Does work in a span. It ends with the work, as failed when that throws. A span that is begun
   * inside another is its child.
   */
  span<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result>;

  /** Sends what was not sent yet. Never throws. */
  close(): Promise<void>;
}

export interface SpanOptions {
  /** `internal` unless given. */
  readonly kind?: 'internal' | 'producer' | 'consumer' | 'server' | 'client';
  /** The `traceparent` of a span in another process; else the span that is active here. */
  readonly parent?: string;
  readonly attributes?: Attributes;
  /** No span unless it is begun inside another: for what also happens outside of any request. */
  readonly insideOnly?: boolean;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** What a child in another process needs; undefined when spans go nowhere. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
}

/** A span that goes nowhere. */
export const noSpan: Span = { traceparent: undefined, set() {} };

/** Does the work and nothing else. */
export const noTracing: Tracing = {
  span: (_name, _options, work) => work(noSpan),
  close: async () => {},
};
