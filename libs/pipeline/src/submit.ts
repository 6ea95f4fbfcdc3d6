import {
  createEvent,
  type MosaicRequest,
  type ObjectKeys,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import { updateRecord, writeRecord, type ObjectStore } from '@mosaicme/object-store';
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

/**
 * Takes a raw photo for a tile library, in the same order: photo, record, event. A photo that is in the
 * bucket for another library gets this one added.
 */
export async function submitRawPhoto(
  ports: SubmitPorts,
  { photo, library }: { readonly photo: Photo; readonly library: string },
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<void> {
  const { store, keys } = ports;
  const object = inBucket(keys.rawPhoto(photo.id), bucket);
  await store.put(object, bytes, { contentType });
  await updateRecord(store, keys.rawRecord(photo.id), rawRecordSchema, (current): RawRecord => {
    if (current?.libraries.includes(library)) return current;
    return { ...current, photo, object, libraries: [...(current?.libraries ?? []), library] };
  });
  await announceRawPhoto(ports, { photo, object }, library);
}

/** Announces a raw photo that lies in the bucket to one of its libraries. */
export async function announceRawPhoto(
  { app, messaging }: Pick<SubmitPorts, 'app' | 'messaging'>,
  { photo, object }: Pick<RawRecord, 'photo' | 'object'>,
  library: string,
): Promise<void> {
  await messaging.publish(
    createEvent(
      'photo.collected.v1',
      { photo, object, library },
      { app, subject: photo.id, key: library },
    ),
  );
}

const inBucket = (ref: ObjectRef, bucket: string | undefined): ObjectRef =>
  bucket === undefined ? ref : { ...ref, bucket };
