import {
  createEvent,
  type FailureStep,
  type MosaicmeEvent,
  type ObjectKeys,
  type Photo,
} from '@mosaicme/contracts';
import { codeOf, messageOf } from '@mosaicme/errors';
import type { DeadLetter, Messaging } from '@mosaicme/messaging';
import { type ObjectStore, writeRecord } from '@mosaicme/object-store';
import { failureRecordSchema } from '@mosaicme/requests';

export interface FailurePorts {
  readonly app: string;
  readonly store: ObjectStore;
  readonly messaging: Pick<Messaging, 'publish'>;
  readonly keys: ObjectKeys;
}

export interface Failure {
  /** What failed; undefined when the message could not be read at all. */
  readonly subject: FailureSubject | undefined;
  readonly step: FailureStep;
  /** The queue by its name on the broker, where it was one. */
  readonly queue?: string;
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
  const { subject, step, queue, error, attempts, cause } = failure;
  const details = {
    step,
    code: codeOf(error),
    reason: messageOf(error),
    attempts,
    failedAt: new Date().toISOString(),
  };
  if (subject) {
    const { id } = subject;
    await writeRecord(store, keys.failureRecord(id), failureRecordSchema, { id, ...details });
  }
  await messaging.publish(
    createEvent(
      'mosaic.failed.v1',
      { ...subject, ...details, ...(queue !== undefined && { queue }) },
      { app, subject: subject?.id ?? queue ?? step, key: step, cause },
    ),
  );
}

/** The hook for a consumer: reports each message that it dead-letters. */
export function reportDeadLetters(ports: FailurePorts, step: FailureStep) {
  return async ({ queue, event, error, attempts }: DeadLetter): Promise<void> => {
    // Whoever cannot read the news of a failure must not make news of that.
    if (event?.type === 'mosaic.failed.v1') return;
    const subject = event && subjectOf(event);
    await reportFailure(ports, { subject, step, queue, error, attempts, cause: event });
  };
}

/** What a failure is about: a raw photo, or a request in its campaign. */
export interface FailureSubject {
  readonly id: string;
  readonly campaign?: string;
  readonly photo?: Photo;
}

const ofRequest = ({ id, campaign, photo }: FailureSubject): FailureSubject => ({
  id,
  ...(campaign !== undefined && { campaign }),
  ...(photo && { photo }),
});

/** The raw photo or the request that an event is about. */
export function subjectOf(event: MosaicmeEvent): FailureSubject | undefined {
  switch (event.type) {
    case 'photo.collected.v1':
      return { id: event.data.photo.id, photo: event.data.photo };
    case 'mosaic.requested.v1':
    case 'mosaic.prepared.v1':
    case 'mosaic.rendered.v1':
      return ofRequest(event.data.request);
    case 'mosaic.published.v1':
      return ofRequest(event.data.mosaic);
    case 'mosaic.answered.v1':
    case 'mosaic.withdrawn.v1':
    case 'mosaic.failed.v1':
    case 'decision.recorded.v1':
    case 'service.heartbeat.v1':
      return undefined;
  }
}
