import {
  createRequest,
  defaultBucketNames,
  defaultCampaign,
  drawingRefs,
  objectKeys,
  photoId,
  type MosaicmeEvent,
  type MosaicRequest,
  type ObjectRef,
  type Photo,
} from '@mosaicme/contracts';
import { encodeRecipe, uniformCells } from '@mosaicme/mosaic';
import { createFolderStore, writeRecord } from '@mosaicme/object-store';
import {
  heldRecordSchema,
  mosaicRecordSchema,
  rawRecordSchema,
  recordDecision,
  requestRecordSchema,
  type Decision,
} from '@mosaicme/requests';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const buckets = defaultBucketNames;
export const keys = objectKeys(buckets);
export const at = '2026-01-01T00:00:00.000Z';
export const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(16)) as [
  string,
  string,
  string,
];

export function photoOf(postId: string, handle = 'ada'): Photo {
  const item = { network: 'x', instance: 'x.com', postId, mediaIndex: 0 } as const;
  return { id: photoId(item), ...item, author: { handle }, postedAt: at };
}

export const requestOf = (postId: string): MosaicRequest =>
  createRequest(defaultCampaign, photoOf(postId), {
    answerable: false,
    requestedAt: new Date(at),
  });

/** A store in a folder with requests and drawings in it, and a broker that only remembers. */
export async function createPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'janitor-'));
  const store = createFolderStore({ root: folder });
  for (const bucket of Object.values(buckets)) await store.ensureBucket(bucket);
  const events: MosaicmeEvent[] = [];
  const ports = {
    app: 'janitor',
    store,
    keys,
    buckets,
    logger: silentLogger,
    messaging: { publish: async (event: MosaicmeEvent) => void events.push(event) },
    signal: new AbortController().signal,
  } as const;
  const bytes = new Uint8Array([1]);

  const drawingOf = ({ id, campaign }: MosaicRequest, revision: string) => ({
    revision,
    ...drawingRefs(buckets, { campaign, id, revision }),
    library: defaultCampaign,
    size: { width: 32, height: 32 },
    grid: { columns: 2, rows: 1, tileSize: 16 },
    distinctTiles: 1,
  });

  return {
    store,
    events,
    ports,
    /** A request, with what every request leaves while it is made. */
    async submitted(postId: string): Promise<MosaicRequest> {
      const request = requestOf(postId);
      const object = keys.requestPhoto(request.id);
      await store.put(object, bytes);
      await writeRecord(store, keys.requestRecord(request.id), requestRecordSchema, {
        request,
        object,
      });
      await store.put(keys.target(request.id), bytes);
      return request;
    },
    /** A drawing that uses these photos. */
    async draw(
      { id, campaign }: MosaicRequest,
      revision: string,
      photos: readonly string[] = ['f'.repeat(32)],
    ): Promise<ObjectRef[]> {
      const refs = drawingRefs(buckets, { campaign, id, revision });
      const recipe = encodeRecipe({
        layout: uniformCells({ columns: photos.length, rows: 1, tileSize: 16 }),
        options: { repeatDistance: 0, useAll: false, mirror: false, colourShift: 0, seed: 1 },
        tileIds: [...photos],
        tiles: Uint32Array.from(photos, (_, index) => index),
        mirrored: new Uint8Array(photos.length),
        shifts: new Int8Array(3 * photos.length),
      });
      await store.put(refs.recipe, recipe);
      await store.put(refs.picture, bytes);
      await store.put(refs.thumbnail, bytes);
      return Object.values(refs);
    },
    publish: (request: MosaicRequest, revision: string) =>
      writeRecord(store, keys.mosaicRecord(request.id), mosaicRecordSchema, {
        ...request,
        ...drawingOf(request, revision),
        publishedAt: at,
      }),
    putAside: (request: MosaicRequest, revision: string) =>
      writeRecord(store, keys.heldRecord(request.id), heldRecordSchema, {
        id: request.id,
        rendered: { request, ...drawingOf(request, revision) },
        heldAt: at,
      }),
    async collected(postId: string, handle?: string): Promise<Photo> {
      const photo = photoOf(postId, handle);
      const object = keys.rawPhoto(photo.id);
      await store.put(object, bytes);
      await writeRecord(store, keys.rawRecord(photo.id), rawRecordSchema, {
        photo,
        object,
        libraries: [defaultCampaign],
      });
      return photo;
    },
    decide: (id: string, verb: Decision['verb']) =>
      recordDecision(ports, id, { verb, by: 'ada', at }),
    /** How many of these objects are there. */
    async left(refs: readonly ObjectRef[]): Promise<number> {
      const found = await Promise.all(refs.map((ref) => store.head(ref)));
      return found.filter(Boolean).length;
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
