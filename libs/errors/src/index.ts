/**
 * The one question an error must answer in this system: may a retry help?
 *
 * A `PermanentError` fails the same way however often it is tried (a file that is no image, a message
 * that breaks its contract), so it goes to the dead-letter queue at once. Everything else is taken to
 * be transient and is retried with growing pauses.
 */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';

  /**
   * @param code Stable machine-readable name, dotted, for example `image.too-many-pixels`.
   * @param message Names the thing, the limit and the way out.
   */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A failure that may pass by itself: a server that is away, a rate limit, a time-out. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
  readonly retryAfterMs: number | undefined;

  /**
   * @param code Stable machine-readable name, dotted, for example `x.rate-limit`.
   * @param options.retryAfterMs Milliseconds before which a retry is known to be useless.
   */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number },
  ) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/**
 * Not now: nothing has failed, but the work cannot be done before a known moment (the reset of a rate
 * limit, a repair, more tiles). It comes again then, and the wait counts as no attempt.
 */
export class DeferredError extends TransientError {
  override readonly name = 'DeferredError';

  /** @param until The moment before which a retry is known to be useless. */
  constructor(
    code: string,
    message: string,
    readonly until: Date,
    options?: ErrorOptions,
  ) {
    super(code, message, { ...options, retryAfterMs: Math.max(0, until.getTime() - Date.now()) });
  }
}

/** True when a retry cannot help. Unknown errors count as transient: losing work is worse than retrying. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError;
}

/** The stable code of an error, `unknown` where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof PermanentError || error instanceof TransientError
    ? error.code
    : 'unknown';
}

/** A message for people, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
