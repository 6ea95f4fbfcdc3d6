import { drawingOfKey, idInKey, prefixes } from '@mosaicme/contracts';
import { isPermanent } from '@mosaicme/errors';
import { readRecord, type ObjectInfo } from '@mosaicme/object-store';
import pLimit from 'p-limit';
import type { RequestPorts } from './read';
import { decisionLogSchema, mosaicRecordSchema } from './records';
import type { Decision } from './decisions';
import { statusOf, type RequestFacts, type RequestStatus } from './state';

export interface ListedRequest extends RequestStatus {
  readonly id: string;
  readonly facts: RequestFacts;
  /** When its record was written; undefined once it was deleted. */
  readonly receivedAt: Date | undefined;
}

export interface ListOptions {
  /**
   * Whether a mosaic's post can be answered, where the caller knows it: saves reading the record. A
   * record never changes in this.
   */
  readonly isAnswerable?: (id: string) => boolean | undefined;
}

const readsAtOnce = 16;

/**
 * Every request with its state, from the listings of the buckets: it needs neither broker nor Redis.
 * Records are read only where a listing does not tell: decisions, and whether a mosaic without an
 * answer will get one.
 */
export async function listRequests(
  ports: RequestPorts,
  { isAnswerable = () => undefined }: ListOptions = {},
): Promise<ListedRequest[]> {
  const { buckets } = ports;
  const receivedAt = new Map<string, Date>();
  for await (const { key, lastModified } of list(ports, buckets.in, prefixes.requests)) {
    const id = key.endsWith('/request.json') ? idInKey(prefixes.requests, key) : undefined;
    if (id !== undefined) receivedAt.set(id, lastModified);
  }
  const [published, answered, failed, putAside, decided, prepared, drawn] = await Promise.all([
    idsUnder(ports, buckets.outSmall, prefixes.mosaics),
    idsUnder(ports, buckets.outSmall, prefixes.answers),
    idsUnder(ports, buckets.in, prefixes.failures),
    idsUnder(ports, buckets.in, prefixes.held),
    idsUnder(ports, buckets.in, prefixes.decisions),
    preparedIds(ports),
    drawnIds(ports),
  ]);
  const ids = new Set([...receivedAt.keys(), ...published]);
  const limit = pLimit(readsAtOnce);
  return Promise.all(
    [...ids].map((id) =>
      limit(async () => {
        const known = published.has(id) ? isAnswerable(id) : undefined;
        const mustRead = published.has(id) && !answered.has(id) && known === undefined;
        const facts: RequestFacts = {
          ...(decided.has(id) && { decisions: await readLog(ports, id) }),
          prepared: prepared.has(id),
          drawn: drawn.has(id),
          putAside: putAside.has(id),
          ...(published.has(id) && {
            published: { answerable: mustRead ? await readAnswerable(ports, id) : known },
          }),
          ...(answered.has(id) && { answer: true as const }),
          ...(failed.has(id) && { failure: true as const }),
        };
        return { id, facts, receivedAt: receivedAt.get(id), ...statusOf(facts) };
      }),
    ),
  );
}

const list = ({ store }: RequestPorts, bucket: string, prefix: string): AsyncIterable<ObjectInfo> =>
  store.list(bucket, { prefix });

async function idsUnder(ports: RequestPorts, bucket: string, prefix: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of list(ports, bucket, prefix)) {
    const id = idInKey(prefix, key);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

async function preparedIds(ports: RequestPorts): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of list(ports, ports.buckets.work, '')) {
    const id = idInKey('', key);
    if (id !== undefined && ports.keys.target(id).key === key) ids.add(id);
  }
  return ids;
}

async function drawnIds(ports: RequestPorts): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { key } of list(ports, ports.buckets.outSmall, prefixes.drawings)) {
    const drawing = drawingOfKey(key);
    if (drawing) ids.add(drawing.id);
  }
  return ids;
}

async function readLog({ store, keys }: RequestPorts, id: string): Promise<readonly Decision[]> {
  try {
    return (await readRecord(store, keys.decisions(id), decisionLogSchema))?.record.decisions ?? [];
  } catch (error) {
    if (!isPermanent(error)) throw error;
    // What was decided cannot be read: nothing becomes public until somebody has looked.
    return [{ verb: 'hold', by: 'mosaicme', at: new Date(0).toISOString(), why: 'damaged record' }];
  }
}

async function readAnswerable(
  { store, keys }: RequestPorts,
  id: string,
): Promise<boolean | undefined> {
  try {
    return (await readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema))?.record.answerable;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    return undefined;
  }
}
