import { createEvent, type MosaicmeEvent, type ObjectKeys, type Photo } from '@mosaicme/contracts';
import { codeOf, messageOf } from '@mosaicme/errors';
import type { DeadLetter, Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import { failureRecordSchema, writeRecord } from './records';

export interface FailurePorts {
  readonly app: string;
  readonly store: ObjectStore;
  readonly messaging: Pick<Messaging, 'publish'>;
  readonly keys: ObjectKeys;
}

export interface Failure {
  readonly photo: Photo | undefined;
  /** The queue, or another place, at which the work was given up. */
  readonly queue: string;
  readonly error: unknown;
  readonly attempts: number;
  readonly cause?: MosaicmeEvent | undefined;
}

/**
 * Makes a failure visible: a record in the bucket, so that it outlives the broker and is not announced
 * again, then a `mosaic.failed` event.
 */
export async function reportFailure(ports: FailurePorts, failure: Failure): Promise<void> {
  const { app, store, messaging, keys } = ports;
  const { photo, queue, error, attempts, cause } = failure;
  const details = {
    queue,
    code: codeOf(error),
    reason: messageOf(error),
    attempts,
    failedAt: new Date().toISOString(),
  };
  if (photo) {
    await writeRecord(store, keys.failureRecord(photo.id), failureRecordSchema, {
      id: photo.id,
      ...details,
    });
  }
  await messaging.publish(
    createEvent(
      'mosaic.failed.v1',
      { ...(photo && { id: photo.id, photo }), ...details },
      { app, subject: photo?.id ?? queue, key: queue, cause },
    ),
  );
}

/** The hook for a consumer: reports each message that it gives up. */
export function reportDeadLetters(ports: FailurePorts) {
  return async ({ queue, event, error, attempts }: DeadLetter): Promise<void> => {
    // Whoever cannot read the news of a failure must not make news of that.
    if (event?.type === 'mosaic.failed.v1') return;
    const photo = event && photoOf(event);
    await reportFailure(ports, { photo, queue, error, attempts, cause: event });
  };
}

/** The photo that an event is about. */
export function photoOf(event: MosaicmeEvent): Photo | undefined {
  switch (event.type) {
    case 'photo.collected.v1':
    case 'mosaic.failed.v1':
      return event.data.photo;
    case 'mosaic.requested.v1':
    case 'mosaic.prepared.v1':
    case 'mosaic.rendered.v1':
      return event.data.request.photo;
    case 'mosaic.published.v1':
      return event.data.mosaic.photo;
    case 'mosaic.answered.v1':
    case 'service.heartbeat.v1':
      return undefined;
  }
}
