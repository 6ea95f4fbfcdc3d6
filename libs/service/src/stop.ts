import type { Logger } from './logger';

/** A list of things to close, in the reverse of the order in which they were opened. */
export interface StopList {
  /** Remembers how to close something. After `close` has begun, it is closed at once. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes everything, last opened first. One that fails is logged and does not keep the others. */
  close(): Promise<void>;
}

export function createStopList(logger: Logger): StopList {
  const open: { name: string; close: () => Promise<void> | void }[] = [];
  let closing: Promise<void> | undefined;

  const closeOne = async ({ name, close }: (typeof open)[number]) => {
    try {
      await close();
      logger.debug({ part: name }, 'closed');
    } catch (error) {
      logger.error({ error, part: name }, 'could not close');
    }
  };

  const closeAll = async () => {
    for (let part = open.pop(); part; part = open.pop()) await closeOne(part);
  };

  return {
    add(name, close) {
      if (closing) closing = closing.then(() => closeOne({ name, close }));
      else open.push({ name, close });
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
