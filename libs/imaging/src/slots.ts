/**
 * Lets at most `count` pieces of work run at a time; the others wait in the order in which they came.
 * A slot is free again when the work has ended, well or badly.
 */
export function createSlots(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  return async function inSlot<Result>(work: () => Promise<Result>): Promise<Result> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
