import { S3ServiceException } from '@aws-sdk/client-s3';
import { messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import type { ObjectRef } from '@mosaicme/contracts';
import { ObjectNotFound, PreconditionFailed } from '../port';
import { noSuchBucket } from '../refs';

/** What a failed request was about, for its message. */
export interface RequestContext {
  /** The address of the server. */
  readonly endpoint: string;
  readonly bucket?: string;
  readonly ref?: ObjectRef;
}

/** The HTTP status of a failed request, undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** The error code that the server gave (`NoSuchKey`), or the name of the error. */
export function nameOf(error: unknown): string {
  // No `instanceof Error`: errors of Node itself are of another realm where tests run in a sandbox.
  return typeof error === 'object' && error !== null && 'name' in error
    ? String(error.name)
    : 'unknown';
}

/** Turns an error of the SDK into one of ours; our own errors pass. */
export function s3Error(context: RequestContext, error: unknown): Error {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  const { endpoint, bucket = context.ref?.bucket, ref } = context;
  const status = statusOf(error);
  const said = `${nameOf(error)}: ${messageOf(error)}`;
  const options = { cause: error };

  if (nameOf(error) === 'NoSuchBucket' && bucket !== undefined)
    return noSuchBucket(bucket, options);
  if (status === 404 && ref) return new ObjectNotFound(ref, options);
  if (status === 404 && bucket !== undefined) return noSuchBucket(bucket, options);
  // 409: another conditional write to this key came between.
  if ((status === 412 || nameOf(error) === 'ConditionalRequestConflict') && ref) {
    return new PreconditionFailed(ref, options);
  }
  if (status === 401 || status === 403) {
    return new PermanentError(
      'object-store.denied',
      `The object store at ${endpoint} denies access${bucket === undefined ? '' : ` to bucket '${bucket}'`} (${said}). ` +
        'Check S3_ACCESS_KEY and S3_SECRET_KEY, and the rights of that key.',
      options,
    );
  }
  if (isRefusal(error, status)) {
    return new PermanentError(
      'object-store.refused',
      `The object store at ${endpoint} refuses the request (${said}).`,
      options,
    );
  }
  return new TransientError(
    'object-store.unavailable',
    `The object store at ${endpoint} does not answer as it should (${said}). It is tried again.`,
    options,
  );
}

const passing = new Set([408, 409, 425, 429]);

/** Will the same request be refused again? */
function isRefusal(error: unknown, status: number | undefined): boolean {
  if (['RequestTimeout', 'SlowDown', 'OperationAborted'].includes(nameOf(error))) return false;
  return (
    status === 501 ||
    (status !== undefined && status >= 400 && status < 500 && !passing.has(status))
  );
}
