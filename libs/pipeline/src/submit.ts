import {
  createEvent,
  type MosaicRequest,
  type ObjectKeys,
  type ObjectRef,
} from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import { writeRecord, type ObjectStore } from '@mosaicme/object-store';
import { rawRecordSchema, requestRecordSchema, type RawRecord } from '@mosaicme/requests';

export interface SubmitPorts {
  readonly app: string;
  readonly store: ObjectStore;
  readonly messaging: Pick<Messaging, 'publish'>;
  readonly keys: ObjectKeys;
}

export interface FetchedPhoto {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * Takes a request: stores the photo, then the record, then announces it. Whatever fails in between, a
 * second call does the rest; once the record exists, reconciliation can announce it too.
 *
 * @param bucket Where the photo goes when it is not the bucket of requests (MOSAIC_BUCKET).
 */
export async function submitRequest(
  ports: SubmitPorts,
  request: MosaicRequest,
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<void> {
  const { store, keys } = ports;
  const { id } = request;
  const object = inBucket(keys.requestPhoto(id), bucket);
  await store.put(object, bytes, { contentType });
  await writeRecord(store, keys.requestRecord(id), requestRecordSchema, { request, object });
  await announceRequest(ports, request, object);
}

/** Announces a request that lies in the bucket. */
export async function announceRequest(
  { app, messaging }: Pick<SubmitPorts, 'app' | 'messaging'>,
  request: MosaicRequest,
  object: ObjectRef,
): Promise<void> {
  await messaging.publish(
    createEvent('mosaic.requested.v1', { request, object }, { app, subject: request.id }),
  );
}

/** Takes a raw photo for the tile library, in the same order: photo, record, event. */
export async function submitRawPhoto(
  ports: SubmitPorts,
  { photo, library }: Pick<RawRecord, 'photo' | 'library'>,
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<void> {
  const { store, keys } = ports;
  const object = inBucket(keys.rawPhoto(photo.id), bucket);
  await store.put(object, bytes, { contentType });
  const record = { photo, object, library };
  await writeRecord(store, keys.rawRecord(photo.id), rawRecordSchema, record);
  await announceRawPhoto(ports, record);
}

/** Announces a raw photo that lies in the bucket. */
export async function announceRawPhoto(
  { app, messaging }: Pick<SubmitPorts, 'app' | 'messaging'>,
  { photo, object, library }: RawRecord,
): Promise<void> {
  await messaging.publish(
    createEvent('photo.collected.v1', { photo, object, library }, { app, subject: photo.id }),
  );
}

const inBucket = (ref: ObjectRef, bucket: string | undefined): ObjectRef =>
  bucket === undefined ? ref : { ...ref, bucket };
