/**
 * Ids of statuses are times in milliseconds since 1970, shifted by 16 bits, and a sequence below. A status
 * of another server gets an id of the time at which it was written, so it may sort far before what is
 * known already.
 */
const timeShift = 16n;

/** The id `ms` milliseconds before an id at the earliest. Ids of other software are left as they are. */
export function idBefore(id: string, ms: number): string {
  if (!/^\d+$/.test(id)) return id;
  const earlier = BigInt(id) - (BigInt(ms) << timeShift);
  return (earlier > 0n ? earlier : 0n).toString();
}

export const idAtTime = (time: Date): string => (BigInt(time.getTime()) << timeShift).toString();

/** The time that an id tells, in milliseconds since 1970. */
export const timeOfId = (id: string): number =>
  /^\d+$/.test(id) ? Number(BigInt(id) >> timeShift) : 0;

/** The later of two ids. Ids grow, and a longer one is larger. */
export function laterId(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.length !== other.length) return one.length > other.length ? one : other;
  return one >= other ? one : other;
}
