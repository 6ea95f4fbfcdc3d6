/**
 * The outcome of a promise, unless the signal aborts first. What the promise stands for goes on; its
 * outcome is then ignored, also a rejection.
 *
 * @throws The signal's reason as soon as it aborts.
 */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as unknown);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
