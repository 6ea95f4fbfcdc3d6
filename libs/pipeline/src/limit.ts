/** Runs tasks, at most `max` of them at a time, in the order in which they came. */
export type Limit = <Value>(task: () => Promise<Value>) => Promise<Value>;

export function createLimit(max: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running < max) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The slot passes on to the next task without becoming free in between.
      if (next) next();
      else running--;
    }
  };
}
