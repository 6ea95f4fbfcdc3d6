/**
 * Joins calls that come close together: while a run is in flight, the items that come wait for the next
 * one, which takes all of them.
 *
 * @param run Gets each item once.
 * @returns A function that resolves with the result of the run that its item was part of.
 */
export function gathered<Item, Result>(
  run: (items: readonly Item[]) => Promise<Result>,
): (item: Item) => Promise<Result> {
  let waiting: Item[] = [];
  let next: Promise<Result> | undefined;
  let current: Promise<unknown> = Promise.resolve();

  return (item) => {
    waiting.push(item);
    next ??= current.then(() => {
      const items = [...new Set(waiting)];
      waiting = [];
      const running = run(items);
      current = running.catch(() => undefined);
      next = undefined;
      return running;
    });
    return next;
  };
}
