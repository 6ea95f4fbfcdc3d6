import {
  drawingOfKey,
  idInKey,
  prefixes,
  type BucketNames,
  type ObjectKeys,
  type ObjectRef,
} from '@mosaicme/contracts';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { readRecord, type ObjectStore } from '@mosaicme/object-store';
import {
  failureIsMoot,
  heldRecordSchema,
  mosaicRecordSchema,
  type ListedRequest,
  type RequestState,
} from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import pLimit from 'p-limit';
import type { Tiles } from './tiles';

export interface SweepPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
  readonly logger: Logger;
  readonly tiles: Pick<Tiles, 'sweep'>;
}

/** How many objects of each kind were removed. */
export interface Swept {
  readonly workObjects: number;
  readonly drawings: number;
  readonly heldRecords: number;
  readonly failures: number;
  readonly packs: number;
  readonly leases: number;
}

const readsAtOnce = 16;
/** Whoever holds a lease renews it many times a minute. */
const leaseMaxAgeMs = 24 * 3_600_000;

/** States in which nothing is left to draw. */
const drawn: ReadonlySet<RequestState> = new Set([
  'published',
  'completed',
  'rejected',
  'withdrawn',
]);
/** States in which a drawing that was put aside has no use any more. */
const decided: ReadonlySet<RequestState> = new Set(['published', 'completed', 'withdrawn']);

/**
 * Removes what nothing names any more. It looks at listings, so that an object costs no call of its own:
 *
 * - normalised photos of requests that need no drawing any more. Those of failed ones stay: a replay
 *   needs them;
 * - drawings that no record names: of a request that was announced twice, or of one that is gone;
 * - drawings put aside whose request was published or withdrawn;
 * - failures that were replayed with success;
 * - tile packs that the manifest does not list, and leases that nobody holds.
 *
 * @param listed The requests, as `listRequests` found them before.
 * @param before Younger objects stay: what names them may be in flight.
 */
export async function sweep(
  ports: SweepPorts,
  listed: readonly ListedRequest[],
  before: Date,
  now = new Date(),
): Promise<Swept> {
  const { store, buckets, logger } = ports;
  const requests = new Map(listed.map((request) => [request.id, request]));

  const step = async (what: string, remove: () => Promise<number>): Promise<number> => {
    try {
      return await remove();
    } catch (error) {
      // The other kinds are swept all the same; the next pass tries this one again.
      logger.warn({ what, reason: messageOf(error) }, `could not sweep ${what}`);
      return 0;
    }
  };
  const removeAll = async (refs: readonly ObjectRef[]): Promise<number> => {
    if (refs.length > 0) await store.deleteMany(refs);
    return refs.length;
  };

  const swept: Swept = {
    workObjects: await step('work objects', async () =>
      removeAll(await unneededTargets(ports, requests, before)),
    ),
    drawings: await step('drawings', async () =>
      removeAll(await unnamedDrawings(ports, requests, before)),
    ),
    heldRecords: await step('held records', async () =>
      removeAll(await unneededHeldRecords(ports, requests, before)),
    ),
    failures: await step('failures', () =>
      removeAll(
        listed
          .filter(
            ({ facts, state }) => failureIsMoot(facts) || (facts.failure && state === 'withdrawn'),
          )
          .map(({ id }) => ports.keys.failureRecord(id)),
      ),
    ),
    packs: await step('tile packs', () => ports.tiles.sweep(before)),
    leases: await step('leases', async () =>
      removeAll(
        await listOlder(
          ports,
          buckets.in,
          prefixes.leases,
          new Date(now.getTime() - leaseMaxAgeMs),
        ),
      ),
    ),
  };
  if (Object.values(swept).some((count) => count > 0)) logger.info({ ...swept }, 'swept');
  return swept;
}

async function listOlder(
  { store }: SweepPorts,
  bucket: string,
  prefix: string,
  before: Date,
): Promise<ObjectRef[]> {
  const refs: ObjectRef[] = [];
  for await (const { key, lastModified } of store.list(bucket, { prefix })) {
    if (lastModified <= before) refs.push({ bucket, key });
  }
  return refs;
}

type Requests = ReadonlyMap<string, ListedRequest>;

async function unneededTargets(
  ports: SweepPorts,
  requests: Requests,
  before: Date,
): Promise<ObjectRef[]> {
  const old = await listOlder(ports, ports.buckets.work, '', before);
  return old.filter(({ key }) => {
    const id = idInKey('', key);
    if (id === undefined) return false;
    const request = requests.get(id);
    return request === undefined || drawn.has(request.state);
  });
}

async function unneededHeldRecords(
  ports: SweepPorts,
  requests: Requests,
  before: Date,
): Promise<ObjectRef[]> {
  const old = await listOlder(ports, ports.buckets.in, prefixes.held, before);
  return old.filter(({ key }) => {
    const id = idInKey(prefixes.held, key);
    if (id === undefined) return false;
    const request = requests.get(id);
    return request === undefined || decided.has(request.state);
  });
}

/** The objects of one revision. */
interface Revision {
  readonly refs: ObjectRef[];
  /** Of the youngest object. */
  writtenAt: Date;
}

async function unnamedDrawings(
  ports: SweepPorts,
  requests: Requests,
  before: Date,
): Promise<ObjectRef[]> {
  const { store, buckets } = ports;
  /** By request, then by revision. */
  const found = new Map<string, Map<string, Revision>>();
  for (const bucket of [buckets.outLarge, buckets.outSmall]) {
    for await (const { key, lastModified } of store.list(bucket, { prefix: prefixes.drawings })) {
      const drawing = drawingOfKey(key);
      if (!drawing) continue;
      const revisions = found.get(drawing.id) ?? new Map<string, Revision>();
      found.set(drawing.id, revisions);
      const revision = revisions.get(drawing.revision) ?? { refs: [], writtenAt: lastModified };
      revisions.set(drawing.revision, revision);
      revision.refs.push({ bucket, key });
      if (lastModified > revision.writtenAt) revision.writtenAt = lastModified;
    }
  }
  const unnamed = await pLimit(readsAtOnce).map([...found], async ([id, revisions]) => {
    const old = [...revisions].filter(([, { writtenAt }]) => writtenAt <= before);
    if (old.length === 0) return [];
    const named = await namedRevisions(ports, requests.get(id), id, revisions.size);
    return old.filter(([name]) => !named(name)).flatMap(([, { refs }]) => refs);
  });
  return unnamed.flat();
}

/** Which revisions of a request must stay. Records are read only where the listing does not tell. */
async function namedRevisions(
  { store, keys, logger }: SweepPorts,
  request: ListedRequest | undefined,
  id: string,
  revisions: number,
): Promise<(revision: string) => boolean> {
  const all = () => true;
  const none = () => false;
  if (!request || request.state === 'withdrawn') return none;
  const { published, putAside, failure } = request.facts;
  // Its message lies dead, or is waited for: a replay publishes what it names.
  if (failure !== undefined && !published) return all;
  if (!published && !putAside) return request.state === 'rejected' ? none : all;
  // Where a record exists, the drawing that it names does too.
  if (revisions === 1 || failure !== undefined) return all;
  try {
    const [mosaic, held] = await Promise.all([
      published && readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema),
      putAside && readRecord(store, keys.heldRecord(id), heldRecordSchema),
    ]);
    const named = new Set([mosaic?.record.revision, held ? held.record.rendered.revision : '']);
    return (revision) => named.has(revision);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    logger.error({ error, id }, `its drawings stay: ${messageOf(error)}`);
    return all;
  }
}
