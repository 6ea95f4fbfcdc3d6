/** Who got what, and at what prices. */
export interface AuctionResult {
  /** The object of each person. */
  readonly objects: Uint32Array;
  /** Price of each object; 0 while it has room left. */
  readonly prices: Float64Array;
  /**
   * No assignment costs less than this: by linear programming duality, the prices prove it. The distance
   * to the cost reached bounds what is lost.
   */
  readonly lowerBound: number;
}

/**
 * Assigns each person one object at nearly the least total cost, each object to at most as many persons
 * as it has room for: the auction algorithm with similar objects (Bertsekas and Castañon, 'The auction
 * algorithm for the transportation problem', 1989). A person without an object bids for the one that is
 * cheapest after its price, as much as makes the second best look as good, plus `epsilon`; a full object
 * drops its lowest bidder. The total is at most `persons * epsilon` above the optimum.
 *
 * @param costs `objects` numbers for each person, at least 0.
 * @param room How many persons each object can take; enough in all.
 */
export function auction(
  costs: Int32Array,
  persons: number,
  room: Uint32Array,
  epsilon: number,
): AuctionResult {
  const objects = room.length;
  const assigned = new Uint32Array(persons);
  const prices = new Float64Array(objects);
  const bids = new Float64Array(persons);
  const holders: number[][] = Array.from({ length: objects }, () => []);
  // An object without room is out of the question from the start.
  room.forEach((places, object) => {
    if (places === 0) prices[object] = Infinity;
  });
  const waiting = Array.from({ length: persons }, (_, index) => persons - 1 - index);

  for (let person = waiting.pop(); person !== undefined; person = waiting.pop()) {
    let best = Infinity;
    let second = Infinity;
    let wanted = 0;
    const row = person * objects;
    for (let object = 0; object < objects; object++) {
      const total = (costs[row + object] ?? 0) + (prices[object] ?? 0);
      if (total >= second) continue;
      if (total < best) {
        second = best;
        best = total;
        wanted = object;
      } else {
        second = total;
      }
    }
    // With a single object there is nobody to compete with.
    bids[person] = (prices[wanted] ?? 0) + (Number.isFinite(second) ? second - best : 0) + epsilon;
    assigned[person] = wanted;
    const own = holders[wanted] ?? [];
    own.push(person);
    const places = room[wanted] ?? 0;
    if (own.length < places) continue;
    if (own.length > places) waiting.push(removeLowest(own, bids));
    prices[wanted] = own.reduce((least, holder) => Math.min(least, bids[holder] ?? 0), Infinity);
  }
  return { objects: assigned, prices, lowerBound: dualValue(costs, persons, room, prices) };
}

function removeLowest(holders: number[], bids: Float64Array): number {
  let lowest = 0;
  holders.forEach((holder, index) => {
    if ((bids[holder] ?? 0) < (bids[holders[lowest] ?? 0] ?? 0)) lowest = index;
  });
  return holders.splice(lowest, 1)[0] ?? 0;
}

function dualValue(
  costs: Int32Array,
  persons: number,
  room: Uint32Array,
  prices: Float64Array,
): number {
  let value = 0;
  for (let person = 0; person < persons; person++) {
    let best = Infinity;
    for (let object = 0; object < room.length; object++) {
      best = Math.min(best, (costs[person * room.length + object] ?? 0) + (prices[object] ?? 0));
    }
    value += best;
  }
  room.forEach((places, object) => {
    if (places > 0) value -= places * (prices[object] ?? 0);
  });
  return value;
}
