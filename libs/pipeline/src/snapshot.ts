import { photoIdSchema, prefixes, type BucketNames, type ObjectKeys } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { ObjectNotFound, PreconditionFailed, type ObjectStore } from '@mosaicme/object-store';
import { answerRecordSchema, decisionVerbs, mosaicRecordSchema } from '@mosaicme/requests';
import type { Logger } from '@mosaicme/service';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';

/**
 * The snapshot of the records from which the catalogue is rebuilt: a few objects instead of one or two
 * for each mosaic. Each record in it carries the etag that it had, so a listing of the bucket tells
 * whether it still holds. It may be lost, old or damaged: what it does not have is read from the records.
 */

const versioned = <Record extends z.ZodType>(record: Record) =>
  z.object({ etag: z.string().min(1), record });

const knownSchema = z.object({
  mosaic: versioned(mosaicRecordSchema).optional(),
  answer: versioned(answerRecordSchema).optional(),
  /** The verbs alone: who decided, and why, stays in its own bucket. */
  decisions: versioned(z.array(z.object({ verb: z.enum(decisionVerbs) }))).optional(),
});
/** The records about one request, each with its etag. */
export type Known = z.infer<typeof knownSchema>;

const partSchema = z.object({
  version: z.literal(1),
  requests: z.record(photoIdSchema, knownSchema),
});

/** A part of the snapshot as it was read. */
export interface SnapshotPart {
  readonly known: ReadonlyMap<string, Known>;
  /** Of the object; undefined where there is none. */
  readonly etag: string | undefined;
}

export interface SnapshotPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
  readonly logger: Logger;
}

/** The parts by name: the first digit of the ids in them. */
export const snapshotParts: readonly string[] = [...'0123456789abcdef'];
export const snapshotPartOf = (id: string): string => id.slice(0, 1);

/** Reads a part; one that is lost or damaged is empty. @throws TransientError when the store is away. */
export async function readSnapshotPart(
  { store, keys, logger }: SnapshotPorts,
  part: string,
): Promise<SnapshotPart> {
  const ref = keys.catalogueSnapshot(part);
  let found: Awaited<ReturnType<ObjectStore['get']>>;
  try {
    found = await store.get(ref);
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    return { known: new Map(), etag: undefined };
  }
  const { bytes, etag } = found;
  try {
    const json: unknown = JSON.parse((await promisify(gunzip)(bytes)).toString());
    const { requests } = partSchema.parse(json);
    return { known: new Map(Object.entries(requests)), etag };
  } catch (error) {
    logger.warn(
      { part, reason: messageOf(error) },
      'a part of the snapshot is damaged; its records are read one by one',
    );
    return { known: new Map(), etag };
  }
}

/** Writes a part, unless somebody else was faster: then theirs is as good. */
export async function writeSnapshotPart(
  { store, keys, logger }: SnapshotPorts,
  part: string,
  known: ReadonlyMap<string, Known>,
  before: Pick<SnapshotPart, 'etag'>,
): Promise<void> {
  const content: z.input<typeof partSchema> = { version: 1, requests: Object.fromEntries(known) };
  const bytes = await promisify(gzip)(JSON.stringify(content));
  const only = before.etag === undefined ? ({ absent: true } as const) : { etag: before.etag };
  try {
    await store.put(keys.catalogueSnapshot(part), bytes, { contentType: 'application/gzip', only });
    logger.debug({ part, requests: known.size, bytes: bytes.length }, 'wrote a snapshot');
  } catch (error) {
    if (!(error instanceof PreconditionFailed)) throw error;
    logger.debug({ part }, 'another process wrote this snapshot');
  }
}

/** When each part was written. */
export async function snapshotTimes({
  store,
  keys,
  buckets,
}: SnapshotPorts): Promise<ReadonlyMap<string, Date>> {
  const parts = new Map(snapshotParts.map((part) => [keys.catalogueSnapshot(part).key, part]));
  const times = new Map<string, Date>();
  for await (const { key, lastModified } of store.list(buckets.outSmall, {
    prefix: prefixes.snapshots,
  })) {
    const part = parts.get(key);
    if (part !== undefined) times.set(part, lastModified);
  }
  return times;
}
