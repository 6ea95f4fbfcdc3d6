import type { ObjectRef } from '@mosaicme/contracts';
import { z } from 'zod';
import { PreconditionFailed, type ObjectStore } from './port';
import { readRecord, writeRecord } from './records';

const leaseSchema = z.looseObject({
  holder: z.string().min(1),
  /** Every renewal writes another number, so that the version of the object changes with it. */
  renewal: z.int().min(0),
  /** For people; nobody decides by it. */
  renewedAt: z.iso.datetime(),
});

export interface LeaseOptions {
  readonly store: Pick<ObjectStore, 'get' | 'put' | 'delete'>;
  readonly ref: ObjectRef;
  /** Names this process, and no other one. */
  readonly holder: string;
  /** A lease that was not renewed for so long is free, in milliseconds. */
  readonly ttlMs: number;
  /** Milliseconds on a clock that only goes forward. Default `performance.now`. */
  readonly now?: () => number;
}

/** The right to do something that only one process at a time shall do. */
export interface Lease {
  /**
   * Acquires the lease, or renews it; to be called several times within `ttlMs`.
   *
   * @returns Whether this process holds it now.
   * @throws What the store throws; then it holds the lease for as long as `isHeld` says.
   */
  acquire(): Promise<boolean>;
  /**
   * Does this process hold the lease for certain? It stops doing so by itself a third of `ttlMs` before
   * another process may take over.
   */
  isHeld(): boolean;
  /** Gives the lease back, so that another process need not wait until it is free. */
  release(): Promise<void>;
}

/**
 * A lease in an object store that honours conditional writes. No clocks are compared: whoever finds the
 * lease of another process watches it, and takes it over when it did not change for `ttlMs` by its own
 * clock. So a process that starts while a dead one's lease lies there waits that long.
 */
export function createLease({
  store,
  ref,
  holder,
  ttlMs,
  now = () => performance.now(),
}: LeaseOptions): Lease {
  /** The version that this process wrote, and when the write began. */
  let own: { readonly etag: string; readonly renewal: number; readonly at: number } | undefined;
  /** The version of another process, and when it was first seen. */
  let seen: { readonly etag: string; readonly at: number } | undefined;

  async function write(
    only: { readonly absent: true } | { readonly etag: string },
  ): Promise<boolean> {
    const at = now();
    const renewal = (own?.renewal ?? 0) + 1;
    try {
      const record = { holder, renewal, renewedAt: new Date().toISOString() };
      const { etag } = await writeRecord(store, ref, leaseSchema, record, { only });
      own = { etag, renewal, at };
      seen = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof PreconditionFailed)) throw error;
      own = undefined;
      return false;
    }
  }

  return {
    async acquire() {
      if (own && (await write({ etag: own.etag }))) return true;
      const found = await readRecord(store, ref, leaseSchema);
      if (!found) return write({ absent: true });
      if (found.etag !== seen?.etag) {
        seen = { etag: found.etag, at: now() };
        return false;
      }
      return now() - seen.at >= ttlMs && write({ etag: found.etag });
    },
    isHeld: () => own !== undefined && now() - own.at < (ttlMs * 2) / 3,
    async release() {
      const held = own;
      own = undefined;
      if (!held) return;
      const found = await readRecord(store, ref, leaseSchema);
      if (found?.etag === held.etag) await store.delete(ref);
    },
  };
}
