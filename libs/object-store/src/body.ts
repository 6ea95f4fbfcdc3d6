/** A body under watch. */
export interface WatchedBody {
  readonly body: AsyncGenerator<Uint8Array>;
  /** Throws what the body itself threw, else the error that the store made of it. */
  rethrow(error: unknown): never;
}

/**
 * Watches the body of a write, so that its own failure reaches the caller as it is, and is not taken for
 * one of the store.
 */
export function watchBody(source: AsyncIterable<Uint8Array>): WatchedBody {
  let failure: { readonly error: unknown } | undefined;
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return {
    body: body(),
    rethrow: (error) => {
      throw failure === undefined ? error : failure.error;
    },
  };
}
