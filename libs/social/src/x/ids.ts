/**
 * X's ids are "snowflakes": milliseconds since X's epoch in the upper bits, 22 bits of machine and
 * sequence below. So ids compare by time, as numbers of up to 64 bits.
 */
const timeShift = 22n;

/** X's epoch, in milliseconds since 1970. */
const epochMs = 1_288_834_974_657;

/** The id that a post made at this time would have at the earliest. */
export const idAtTime = (time: Date): string =>
  (BigInt(Math.max(0, time.getTime() - epochMs)) << timeShift).toString();

/** The later of two ids; either may be missing. */
export function laterId(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return BigInt(one) >= BigInt(other) ? one : other;
}

/** The id that a post made `ms` milliseconds before the post `id` would have at the earliest. */
export function idBefore(id: string, ms: number): string {
  const earlier = BigInt(id) - (BigInt(Math.round(ms)) << timeShift);
  return (earlier > 0n ? earlier : 0n).toString();
}
