/**
 * Maps what an asynchronous source brings, several items at a time, and hands the results out in the
 * order of the source. It reads no further ahead than `atOnce` items, so a source of any length needs no
 * more memory. For a list that is there as a whole, use `p-limit`.
 *
 * @param atOnce How many items are mapped at a time, at least 1.
 * @throws What the source or `map` throws, when it is that item's turn. Items in flight then end unheard.
 */
export async function* mapConcurrently<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  atOnce: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const inFlight: Promise<Result>[] = [];
  for await (const item of items) {
    const result = map(item);
    // Where an earlier one fails, nobody waits for this one any more.
    result.catch(() => undefined);
    inFlight.push(result);
    if (inFlight.length >= atOnce) yield inFlight.shift()!;
  }
  yield* inFlight;
}
