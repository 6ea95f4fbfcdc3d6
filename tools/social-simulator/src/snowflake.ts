/** X's epoch: the moment from which its ids count milliseconds. */
const epochMs = 1_288_834_974_657n;
const sequenceBits = 22n;

/**
 * Makes ids as X does: the time in the upper bits, a sequence below. Each is larger than all before.
 *
 * @param now Milliseconds since 1970.
 */
export function createIdSource(now: () => number = Date.now): () => string {
  let last = 0n;
  return () => {
    const earliest = (BigInt(now()) - epochMs) << sequenceBits;
    last = earliest > last ? earliest : last + 1n;
    return last.toString();
  };
}

/** When an id was made, in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return Number((BigInt(id) >> sequenceBits) + epochMs);
}
