/** Every pause and limit of the X adapter, in milliseconds. Tests shorten them. */
export interface XTimings {
  /** Without a byte for so long, the stream counts as dead. X sends a keep-alive every 20 s. */
  readonly keepAliveMs: number;
  /** Without a byte for so long, any other request is given up. */
  readonly idleMs: number;
  /** Pause before the first reconnection; each further one doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Pause between two searches where there is no stream. Every post read costs money on X. */
  readonly searchIntervalMs: number;
  /** How long X may take until a new post can be found by search. */
  readonly searchLagMs: number;
  /** How long to search before the stream is tried again, when another client holds the connection. */
  readonly streamRetryMs: number;
}

export const defaultXTimings: XTimings = {
  keepAliveMs: 60_000,
  idleMs: 60_000,
  firstPauseMs: 1_000,
  longestPauseMs: 300_000,
  searchIntervalMs: 30_000,
  searchLagMs: 30_000,
  streamRetryMs: 120_000,
};

/**
 * The pause before attempt `attempt` (counted from 0): doubled each time, up to the longest.
 *
 * @param atLeastMs What the server asked for; the pause is never shorter.
 */
export function pauseBefore(
  attempt: number,
  timings: Pick<XTimings, 'firstPauseMs' | 'longestPauseMs'>,
  atLeastMs = 0,
): number {
  const doubled = timings.firstPauseMs * 2 ** Math.min(attempt, 30);
  return Math.max(atLeastMs, Math.min(timings.longestPauseMs, doubled));
}
