import { randomUUID } from 'node:crypto';
import { codeOf, PermanentError } from '@mosaicme/errors';
import { PreconditionFailed, type ObjectStore, type PutOptions } from './port';

/**
 * Probes at start-up that the server behind `store` honours conditional writes. Some S3 servers ignore
 * the headers and overwrite: answers would be posted twice and manifests lost, silently.
 *
 * @param bucket A bucket that exists; the probe removes what it writes there.
 * @throws PermanentError `object-store.no-conditional-writes` when the server does not honour them.
 */
export async function assertConditionalWrites(store: ObjectStore, bucket: string): Promise<void> {
  const ref = { bucket, key: `probes/${randomUUID()}` };
  const body = new TextEncoder().encode('probe');

  const mustLose = async (header: string, only: NonNullable<PutOptions['only']>): Promise<void> => {
    try {
      await store.put(ref, body, { only });
    } catch (error) {
      if (error instanceof PreconditionFailed) return;
      if (codeOf(error) === 'object-store.refused') throw unsupported(bucket, header, error);
      throw error;
    }
    throw unsupported(bucket, header);
  };

  try {
    await store.put(ref, body);
    await mustLose('If-None-Match: *', { absent: true });
    await mustLose('If-Match', { etag: '0'.repeat(32) });
  } finally {
    await store.delete(ref);
  }
}

function unsupported(bucket: string, header: string, cause?: unknown): PermanentError {
  return new PermanentError(
    'object-store.no-conditional-writes',
    `The object store of bucket '${bucket}' does not honour '${header}' on PUT, so nothing could be ` +
      `done exactly once. Use a server that does: AWS S3, SeaweedFS 4, Ceph's radosgw.`,
    { cause },
  );
}
