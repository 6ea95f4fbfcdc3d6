import { messageOf } from '@mosaicme/errors';
import type { Logger } from '@mosaicme/service';

/**
 * Does a task again and again, never twice at once. A failure is logged; the next time may go better.
 *
 * @returns Ends it, and waits for the task that is under way.
 */
export function keepDoing(
  what: string,
  task: () => Promise<void>,
  { everyMs, logger }: { readonly everyMs: number; readonly logger: Logger },
): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= task()
      .catch((error: unknown) => {
        logger.warn({ what, reason: messageOf(error) }, `could not ${what}`);
      })
      .finally(() => {
        underWay = undefined;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
