import { mapConcurrently } from '@mosaicme/async';
import { idInKey, prefixes, type BucketNames, type ObjectKeys } from '@mosaicme/contracts';
import type { Catalogue, CatalogueEntry } from '@mosaicme/catalogue';
import { isPermanent, messageOf } from '@mosaicme/errors';
import { readRecord, type ObjectInfo, type ObjectStore } from '@mosaicme/object-store';
import {
  answerRecordSchema,
  decisionLogSchema,
  mosaicRecordSchema,
  statusOf,
  type Decision,
} from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import {
  readSnapshotPart,
  snapshotPartOf,
  snapshotParts,
  snapshotTimes,
  writeSnapshotPart,
  type Known,
  type SnapshotPart,
} from './snapshot';

export interface ReindexPorts {
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
  readonly logger: Logger;
}

export interface ReindexOptions {
  /**
   * Records of a sixteenth of all mosaics that must have changed before its snapshot is taken anew; a
   * twentieth of them, where that is more. 32 unless given.
   */
  readonly snapshotAfter?: number;
}

const readsAtOnce = 16;
const partsAtOnce = 2;
const defaultSnapshotAfter = 32;

/**
 * Rebuilds the catalogue from the records in the buckets: every mosaic that is public, with its answer.
 * Records that have not changed since the last snapshot are taken from there. A damaged record is logged
 * and left out, so that one bad object cannot hide all others.
 *
 * @returns How many mosaics the catalogue has now.
 */
export async function reindex(
  ports: ReindexPorts,
  options: ReindexOptions = {},
): Promise<{ readonly count: number }> {
  return ports.catalogue.rebuild(publicEntries(ports, options));
}

async function* publicEntries(
  ports: ReindexPorts,
  options: ReindexOptions,
): AsyncGenerator<CatalogueEntry> {
  const listed = byPart(await survey(ports));
  const parts = mapConcurrently(listed, partsAtOnce, ([part, requests]) =>
    loadPart(ports, part, requests),
  );
  for await (const loaded of parts) {
    for (const known of loaded.known.values()) {
      const entry = entryOf(known);
      if (entry) yield entry;
    }
    if (loaded.changed >= changesWorthASnapshot(loaded.known.size, options)) {
      await tryToWrite(ports, loaded);
    }
  }
}

/**
 * Brings the catalogue up to what was written to the buckets since a moment: what it would have learned
 * by messages that a broker lost. Doing so twice does no harm. Afterwards it takes a new snapshot of
 * those parts in which enough has changed, or in which lies what is not public any more.
 *
 * @returns How many mosaics were added or removed.
 */
export async function catchUp(
  ports: ReindexPorts,
  since: Date,
  options: ReindexOptions = {},
): Promise<number> {
  const { catalogue } = ports;
  const begunAt = new Date();
  const listed = await survey(ports);
  const recent = [...listed].filter(([, request]) =>
    Object.values(request).some((info: ObjectInfo) => info.lastModified >= since),
  );
  const hidden = new Set<string>();
  const found = mapConcurrently(recent, readsAtOnce, async ([id, request]) => ({
    id,
    ...(await resolve(ports, id, request, undefined)),
  }));
  let count = 0;
  for await (const { id, known } of found) {
    const entry = entryOf(known);
    if (entry) {
      await catalogue.addMosaic(entry.mosaic, begunAt);
      if (entry.answer) await catalogue.addAnswer(id, entry.answer);
      count++;
    } else if (!isPublic(known)) {
      hidden.add(id);
      await catalogue.remove(id, begunAt);
      count++;
    }
  }
  await refreshSnapshot(ports, listed, hidden, options);
  return count;
}

/** What lies in the buckets about one request. */
type Listed = { readonly [Kind in keyof Known]?: ObjectInfo };

/** The records of each kind: where they are listed and how one is read. */
const kinds = {
  mosaic: {
    prefix: prefixes.mosaics,
    bucket: 'outSmall',
    read: ({ store, keys }: ReindexPorts, id: string) =>
      readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema),
  },
  answer: {
    prefix: prefixes.answers,
    bucket: 'outSmall',
    read: ({ store, keys }: ReindexPorts, id: string) =>
      readRecord(store, keys.answerRecord(id), answerRecordSchema),
  },
  decisions: {
    prefix: prefixes.decisions,
    bucket: 'in',
    read: readVerbs,
  },
} as const;
type Kind = keyof typeof kinds;

async function readVerbs({ store, keys, logger }: ReindexPorts, id: string) {
  try {
    const found = await readRecord(store, keys.decisions(id), decisionLogSchema);
    return found && { etag: found.etag, record: found.record.decisions.map(verbOf) };
  } catch (error) {
    if (!isPermanent(error)) throw error;
    logger.error({ error, id }, `taken to be held: ${messageOf(error)}`);
    return { etag: 'damaged', record: [{ verb: 'hold' as const }] };
  }
}

const verbOf = ({ verb }: Decision) => ({ verb });

/** Every request that was published or decided about, from three listings. */
async function survey({ store, buckets }: ReindexPorts): Promise<Map<string, Listed>> {
  const found = new Map<string, { -readonly [Each in Kind]?: ObjectInfo }>();
  const list = async (kind: Kind): Promise<void> => {
    const { bucket, prefix } = kinds[kind];
    for await (const info of store.list(buckets[bucket], { prefix })) {
      const id = idInKey(prefix, info.key);
      if (id === undefined) continue;
      const request = found.get(id) ?? {};
      request[kind] = info;
      found.set(id, request);
    }
  };
  // Decisions last, so that what was withdrawn during the other listings is known to be.
  await Promise.all([list('mosaic'), list('answer')]);
  await list('decisions');
  return found;
}

function byPart(listed: ReadonlyMap<string, Listed>): Map<string, Map<string, Listed>> {
  const parts = new Map(snapshotParts.map((part) => [part, new Map<string, Listed>()]));
  for (const [id, request] of listed) parts.get(snapshotPartOf(id))?.set(id, request);
  return parts;
}

interface LoadedPart {
  readonly part: string;
  readonly known: ReadonlyMap<string, Known>;
  /** Records that the snapshot did not have as they are now. */
  readonly changed: number;
  readonly snapshot: Pick<SnapshotPart, 'etag'>;
}

/** The records of a part, from its snapshot where that still holds. */
async function loadPart(
  ports: ReindexPorts,
  part: string,
  requests: ReadonlyMap<string, Listed>,
): Promise<LoadedPart> {
  const snapshot = await readSnapshotPart(ports, part);
  const found = mapConcurrently(requests, readsAtOnce, async ([id, request]) => ({
    id,
    ...(await resolve(ports, id, request, snapshot.known.get(id))),
  }));
  const known = new Map<string, Known>();
  let changed = 0;
  for await (const each of found) {
    known.set(each.id, each.known);
    changed += each.read;
  }
  return { part, known, changed, snapshot };
}

/** The records of a request as they are listed. */
async function resolve(
  ports: ReindexPorts,
  id: string,
  listed: Listed,
  before: Known | undefined,
): Promise<{ readonly known: Known; readonly read: number }> {
  let read = 0;
  async function get<Each extends Kind>(kind: Each): Promise<Known[Each] | undefined> {
    const info = listed[kind];
    if (!info) return undefined;
    const remembered = before?.[kind];
    if (remembered?.etag === info.etag) return remembered;
    read++;
    return (await kinds[kind].read(ports, id)) as Known[Each] | undefined;
  }
  try {
    const decisions = await get('decisions');
    const decided = { ...(decisions && { decisions }) };
    // What is not public is not read either, so that it is in no snapshot.
    if (!isPublic(decided)) return { known: decided, read };
    const [mosaic, answer] = await Promise.all([get('mosaic'), get('answer')]);
    return { known: { ...decided, ...(mosaic && { mosaic }), ...(answer && { answer }) }, read };
  } catch (error) {
    // A store that is away must not make mosaics disappear.
    if (!isPermanent(error)) throw error;
    ports.logger.error({ error, id }, `left out of the catalogue: ${messageOf(error)}`);
    return { known: {}, read };
  }
}

/** May a mosaic be shown after these decisions, where it was published? */
function isPublic({ decisions }: Pick<Known, 'decisions'>): boolean {
  const { state } = statusOf({
    ...(decisions && { decisions: decisions.record }),
    published: { answerable: undefined },
  });
  return state === 'published' || state === 'completed';
}

/** What the catalogue shows of a request; undefined while it is not public. */
const entryOf = ({ mosaic, answer }: Known): CatalogueEntry | undefined =>
  mosaic && { mosaic: mosaic.record, ...(answer && { answer: answer.record.answer }) };

const changesWorthASnapshot = (
  size: number,
  { snapshotAfter = defaultSnapshotAfter }: ReindexOptions,
): number => Math.max(1, snapshotAfter, size / 20);

async function refreshSnapshot(
  ports: ReindexPorts,
  listed: ReadonlyMap<string, Listed>,
  hidden: ReadonlySet<string>,
  options: ReindexOptions,
): Promise<void> {
  const times = await snapshotTimes(ports);
  for (const [part, requests] of byPart(listed)) {
    const takenAt = times.get(part) ?? new Date(0);
    const isNewer = (info: ObjectInfo | undefined): boolean =>
      info !== undefined && info.lastModified >= takenAt;
    let changes = 0;
    let holdsHidden = false;
    for (const [id, request] of requests) {
      changes += Object.values(request).filter(isNewer).length;
      holdsHidden ||= hidden.has(id) && times.has(part) && isNewer(request.decisions);
    }
    if (holdsHidden || changes >= changesWorthASnapshot(requests.size, options)) {
      await tryToWrite(ports, await loadPart(ports, part, requests));
    }
  }
}

/** That a snapshot cannot be written costs time at the next rebuild only. */
async function tryToWrite(
  ports: ReindexPorts,
  { part, known, snapshot }: LoadedPart,
): Promise<void> {
  try {
    await writeSnapshotPart(ports, part, known, snapshot);
  } catch (error) {
    ports.logger.warn({ part, reason: messageOf(error) }, 'could not write a snapshot');
  }
}
