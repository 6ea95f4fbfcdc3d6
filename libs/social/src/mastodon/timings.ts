import type { BackoffLimits } from '@mosaicme/async';

/** Every pause and limit of the Mastodon adapter, in milliseconds. Tests shorten them. */
export interface MastodonTimings extends BackoffLimits {
  /** Without a byte for so long a stream counts as dead. The server sends a heartbeat every 15 s. */
  readonly idleMs: number;
  /** Limit for any request but a stream. */
  readonly requestMs: number;
  /** So far before the last known status is read again: those of other servers come late. */
  readonly overlapMs: number;
  /** How long after connecting it is looked back once more. */
  readonly settleMs: number;
  /** Pause between two looks at a picture that is still being processed. */
  readonly mediaPollMs: number;
  /** Limit for the processing of a picture. */
  readonly processingMs: number;
  /** How long the server knows an idempotency key; it says one hour, less a margin. */
  readonly keyMs: number;
}

export const defaultMastodonTimings: MastodonTimings = {
  firstMs: 1_000,
  longestMs: 300_000,
  idleMs: 60_000,
  requestMs: 60_000,
  overlapMs: 3600_000,
  settleMs: 5_000,
  mediaPollMs: 1_000,
  processingMs: 60_000,
  keyMs: 55 * 60_000,
};
