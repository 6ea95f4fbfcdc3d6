import type { ObjectRef } from '@mosaicme/contracts';
import { PermanentError, TransientError } from '@mosaicme/errors';

export interface ObjectInfo extends ObjectRef {
  /** Bytes. */
  readonly size: number;
  /** Opaque version tag, without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

export interface StoredObject extends ObjectInfo {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface StoredStream extends ObjectInfo {
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly cacheControl?: string;
  /**
   * `{ absent: true }` writes only where nothing is, `{ etag }` only over that very version.
   * @see PreconditionFailed
   */
  readonly only?: { readonly absent: true } | { readonly etag: string };
}

/**
 * A place for objects: S3, or a folder. Reads see all writes that have resolved. A write is atomic:
 * a reader sees the old object or the new one, never a part.
 */
export interface ObjectStore {
  /**
   * Stores one object; resolves once it is durable.
   * @throws PreconditionFailed when `only` does not hold.
   */
  put(ref: ObjectRef, body: Uint8Array, options?: PutOptions): Promise<{ readonly etag: string }>;

  /**
   * Stores an object of unknown length without holding it in memory (S3: multipart upload). Nothing
   * is visible before the last byte, nothing is left when `body` throws.
   */
  putStream(
    ref: ObjectRef,
    body: AsyncIterable<Uint8Array>,
    options?: Omit<PutOptions, 'only'>,
  ): Promise<{ readonly etag: string }>;

  /**
   * Reads a whole object, or the bytes from `range.start` up to and without `range.end`.
   * @throws ObjectNotFound
   */
  get(
    ref: ObjectRef,
    range?: { readonly start: number; readonly end: number },
  ): Promise<StoredObject>;

  /**
   * Reads an object as a stream. The caller drains it or breaks out of the loop.
   * @throws ObjectNotFound
   */
  stream(ref: ObjectRef): Promise<StoredStream>;

  /** What is known of an object, undefined where there is none. */
  head(ref: ObjectRef): Promise<ObjectInfo | undefined>;

  /**
   * The objects whose keys begin with `prefix`, in the order of their keys (UTF-8 bytes), from the
   * first key greater than `after`.
   */
  list(
    bucket: string,
    options?: { readonly prefix?: string; readonly after?: string },
  ): AsyncIterable<ObjectInfo>;

  /** Copies an object without moving its bytes through this process. @throws ObjectNotFound */
  copy(from: ObjectRef, to: ObjectRef, options?: Omit<PutOptions, 'only'>): Promise<void>;

  /** Removes an object; removing what is not there succeeds. */
  delete(ref: ObjectRef): Promise<void>;

  /**
   * Removes many objects with few requests (S3: a thousand at a time); removing what is not there
   * succeeds. What can be removed is removed, also beside objects that cannot.
   *
   * @throws ObjectsNotDeleted naming what is still there.
   */
  deleteMany(refs: Iterable<ObjectRef>): Promise<void>;

  /** Makes the bucket unless it exists. */
  ensureBucket(bucket: string): Promise<void>;

  /** Resolves when the store answers. @throws TransientError saying which store does not. */
  ping(): Promise<void>;

  close(): Promise<void>;
}

/** There is no such object. Permanent: writers store an object before they announce it. */
export class ObjectNotFound extends PermanentError {
  override readonly name = 'ObjectNotFound';
  constructor(
    readonly ref: ObjectRef,
    options?: ErrorOptions,
  ) {
    super(
      'object.not-found',
      `There is no object '${ref.key}' in bucket '${ref.bucket}'.`,
      options,
    );
  }
}

/** A conditional write lost: the object exists, or is another version. Read again and decide anew. */
export class PreconditionFailed extends TransientError {
  override readonly name = 'PreconditionFailed';
  constructor(
    readonly ref: ObjectRef,
    options?: ErrorOptions,
  ) {
    super(
      'object.precondition-failed',
      `The object '${ref.key}' in bucket '${ref.bucket}' is not in the state that this write expects.`,
      options,
    );
  }
}

/** Objects that a `deleteMany` left. Transient: the others are gone, so trying it again is harmless. */
export class ObjectsNotDeleted extends TransientError {
  override readonly name = 'ObjectsNotDeleted';
  constructor(
    readonly left: readonly { readonly ref: ObjectRef; readonly reason: string }[],
    options?: ErrorOptions,
  ) {
    const [{ ref, reason } = { ref: { bucket: '', key: '' }, reason: '' }] = left;
    super(
      'object-store.not-deleted',
      `${left.length} objects could not be removed, among them '${ref.key}' in bucket '${ref.bucket}': ${reason}`,
      options,
    );
  }
}
