/** What a timer can hold; Node fires at once for more. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits, also for longer than the 24.8 days that one timer can hold.
 *
 * @param ms Milliseconds; 0 or less only lets pending callbacks run.
 * @throws The signal's reason as soon as it aborts. The timer is cleared then.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as unknown);
    let timer: ReturnType<typeof setTimeout>;
    const wait = (remainingMs: number): void => {
      const stepMs = Math.min(remainingMs, longestTimerMs);
      timer = setTimeout(() => {
        if (remainingMs > stepMs) return wait(remainingMs - stepMs);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, stepMs);
    };
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as unknown);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    wait(ms);
  });
}
