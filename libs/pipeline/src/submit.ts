import {
  createEvent,
  type MosaicRequest,
  type ObjectKeys,
  type Photo,
  type ObjectRef,
} from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import type { ObjectStore } from '@mosaicme/object-store';
import { rawRecordSchema, requestRecordSchema, writeRecord } from './records';

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
  const { id } = request.photo;
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
    createEvent('mosaic.requested.v1', { request, object }, { app, subject: request.photo.id }),
  );
}

/** Takes a raw photo for the tile library, in the same order: photo, record, event. */
export async function submitRawPhoto(
  ports: SubmitPorts,
  photo: Photo,
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<void> {
  const { store, keys } = ports;
  const object = inBucket(keys.rawPhoto(photo.id), bucket);
  await store.put(object, bytes, { contentType });
  await writeRecord(store, keys.rawRecord(photo.id), rawRecordSchema, { photo, object });
  await announceRawPhoto(ports, photo, object);
}

/** Announces a raw photo that lies in the bucket. */
export async function announceRawPhoto(
  { app, messaging }: Pick<SubmitPorts, 'app' | 'messaging'>,
  photo: Photo,
  object: ObjectRef,
): Promise<void> {
  await messaging.publish(
    createEvent('photo.collected.v1', { photo, object }, { app, subject: photo.id }),
  );
}

const inBucket = (ref: ObjectRef, bucket: string | undefined): ObjectRef =>
  bucket === undefined ? ref : { ...ref, bucket };
