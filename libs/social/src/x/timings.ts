import type { BackoffLimits } from '@mosaicme/async';

/** Every pause and limit of the X adapter, in milliseconds. Tests shorten them. */
export interface XTimings {
  /** Without a byte for so long, the stream counts as dead. X sends a keep-alive every 20 s. */
  readonly keepAliveMs: number;
  /** Without a byte for so long, any other request is aborted. */
  readonly idleMs: number;
  /** After so long any request but the stream is aborted, whatever comes. */
  readonly requestMs: number;
  /** Upper bound of the pause before the first reconnection; each further one doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /**
   * Pauses while the app's only stream connection is held: X frees one that was cut after some seconds.
   * After the last of them another client has it, and posts are searched for instead.
   */
  readonly occupiedPausesMs: readonly number[];
  /** Pause between two searches where there is no stream. Every post read costs money on X. */
  readonly searchIntervalMs: number;
  /** How long X may take until a new post can be found by search. */
  readonly searchLagMs: number;
  /** How long to search before the stream is tried again, when another client holds the connection. */
  readonly streamRetryMs: number;
  /** The time in which no more than `XNetworkOptions.backfillPosts` missed posts are read. */
  readonly backfillWindowMs: number;
  /** Limit for the processing of an uploaded picture at X. */
  readonly processingMs: number;
}

export const defaultXTimings: XTimings = {
  keepAliveMs: 60_000,
  idleMs: 60_000,
  requestMs: 120_000,
  firstPauseMs: 1_000,
  longestPauseMs: 300_000,
  occupiedPausesMs: [5_000, 10_000, 20_000, 40_000],
  searchIntervalMs: 30_000,
  searchLagMs: 30_000,
  streamRetryMs: 120_000,
  backfillWindowMs: 3600_000,
  processingMs: 60_000,
};

/** The bounds of the pauses between attempts. */
export const backoffLimits = ({ firstPauseMs, longestPauseMs }: XTimings): BackoffLimits => ({
  firstMs: firstPauseMs,
  longestMs: longestPauseMs,
});
