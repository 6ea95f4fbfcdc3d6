import {
  createEvent,
  type MosaicRequest,
  type ObjectKeys,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import type { Messaging } from '@mosaicme/messaging';
import { updateRecord, writeRecord, type ObjectStore } from '@mosaicme/object-store';
import {
  mayIngest,
  rawRecordSchema,
  readDecisions,
  requestRecordSchema,
  standingOf,
  type AuthorStandings,
  type RawRecord,
} from '@mosaicme/requests';

export interface SubmitPorts {
  readonly app: string;
  readonly store: ObjectStore;
  readonly messaging: Pick<Messaging, 'publish'>;
  readonly keys: ObjectKeys;
}

export interface IngestPorts extends SubmitPorts {
  /** What was decided about authors; without it, nobody is asked. */
  readonly authors?: AuthorStandings;
}

/** `withdrawn`: nothing was stored, because the photo or all of its author was withdrawn. */
export type Submitted = 'submitted' | 'withdrawn';

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
  ports: IngestPorts,
  request: MosaicRequest,
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<Submitted> {
  const { store, keys } = ports;
  const { id } = request;
  if (!(await isWelcome(ports, request.photo))) return 'withdrawn';
  const object = inBucket(keys.requestPhoto(id), bucket);
  await store.put(object, bytes, { contentType });
  await writeRecord(store, keys.requestRecord(id), requestRecordSchema, { request, object });
  await announceRequest(ports, request, object);
  return 'submitted';
}

/**
 * The gate of everything that comes in. A withdrawal stands at the photo, whatever it is for, so one look
 * is enough.
 */
async function isWelcome(ports: IngestPorts, photo: Photo): Promise<boolean> {
  const [decisions, author] = await Promise.all([
    readDecisions(ports, photo.id),
    ports.authors?.of(photo),
  ]);
  return mayIngest({ standing: standingOf(decisions), author: author ?? 'undecided' }).allowed;
}

/**
 * Announces a request that lies in the bucket.
 *
 * @param replaces The revision of its mosaic that a new drawing shall take the place of.
 */
export async function announceRequest(
  { app, messaging }: Pick<SubmitPorts, 'app' | 'messaging'>,
  request: MosaicRequest,
  object: ObjectRef,
  replaces?: string,
): Promise<void> {
  await messaging.publish(
    createEvent(
      'mosaic.requested.v1',
      { request, object, ...(replaces !== undefined && { replaces }) },
      { app, subject: request.id, ...(replaces !== undefined && { key: replaces }) },
    ),
  );
}

/**
 * Takes a raw photo for a tile library, in the same order: photo, record, event. A photo that is in the
 * bucket for another library gets this one added.
 */
export async function submitRawPhoto(
  ports: IngestPorts,
  { photo, library }: { readonly photo: Photo; readonly library: string },
  { bytes, contentType }: FetchedPhoto,
  bucket?: string,
): Promise<Submitted> {
  const { store, keys } = ports;
  if (!(await isWelcome(ports, photo))) return 'withdrawn';
  const object = inBucket(keys.rawPhoto(photo.id), bucket);
  await store.put(object, bytes, { contentType });
  await updateRecord(store, keys.rawRecord(photo.id), rawRecordSchema, (current): RawRecord => {
    if (current?.libraries.includes(library)) return current;
    return { ...current, photo, object, libraries: [...(current?.libraries ?? []), library] };
  });
  await announceRawPhoto(ports, { photo, object }, library);
  return 'submitted';
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
