import {
  idInKey,
  prefixes,
  type BucketNames,
  type ObjectKeys,
  type ObjectRef,
} from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import type { ObjectStore } from '@mosaicme/object-store';
import { failureRecordSchema, readRecord } from '@mosaicme/pipeline';
import { clip, formatAge, formatTable } from './format';
import pLimit from 'p-limit';

/** How far a request has come, in the order of the flow; `failed` is where it was given up. */
export const requestStates = [
  'waiting',
  'prepared',
  'rendered',
  'published',
  'answered',
  'failed',
] as const;
export type RequestState = (typeof requestStates)[number];

export interface RequestSummary {
  readonly id: string;
  readonly state: RequestState;
  readonly requestedAt: Date;
  /** Why it was given up. */
  readonly failure?: { readonly queue: string; readonly code: string; readonly reason: string };
}

export interface RequestReport {
  /** Of all requests, whatever is shown. */
  readonly counts: Readonly<Record<RequestState, number>>;
  /** Newest first. */
  readonly requests: readonly RequestSummary[];
  /** The one that has waited longest, of all that somebody still works on. */
  readonly oldestOpen: RequestSummary | undefined;
}

export interface RequestPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
}

/** The ids that have come this far. */
export type Traces = Readonly<Record<Exclude<RequestState, 'waiting'>, ReadonlySet<string>>>;

/** The state that the records in the buckets give a request: the last step that left one. */
export function stateOf(id: string, traces: Traces): RequestState {
  const order = ['answered', 'failed', 'published', 'rendered', 'prepared'] as const;
  return order.find((state) => traces[state].has(id)) ?? 'waiting';
}

const isOpen = ({ state }: RequestSummary): boolean => state !== 'answered' && state !== 'failed';

const readsAtOnce = 16;

/** Every request with its state, from the buckets alone: it needs neither broker nor Redis. */
export async function findRequests(
  ports: RequestPorts,
  { state, limit }: { readonly state?: RequestState | undefined; readonly limit: number },
): Promise<RequestReport> {
  const { store, buckets } = ports;
  const traces = await findTraces(ports);
  const counts = Object.fromEntries(requestStates.map((each) => [each, 0])) as Record<
    RequestState,
    number
  >;
  const found: RequestSummary[] = [];
  let oldestOpen: RequestSummary | undefined;
  for await (const { key, lastModified } of store.list(buckets.in, { prefix: prefixes.requests })) {
    const id = key.endsWith('/request.json') ? idInKey(prefixes.requests, key) : undefined;
    if (id === undefined) continue;
    const reached = stateOf(id, traces);
    const request = { id, state: reached, requestedAt: lastModified };
    counts[reached]++;
    if (isOpen(request) && !(oldestOpen && oldestOpen.requestedAt <= lastModified)) {
      oldestOpen = request;
    }
    if (state === undefined || state === reached) found.push(request);
  }
  found.sort((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime());
  const requests = await pLimit(readsAtOnce).map(found.slice(0, limit), (request) =>
    withFailure(ports, request),
  );
  return { counts, requests, oldestOpen };
}

async function findTraces({ store, buckets, keys }: RequestPorts): Promise<Traces> {
  const idsUnder = async (bucket: string, prefix: string) => {
    const ids = new Set<string>();
    for await (const { key } of store.list(bucket, { prefix })) {
      const id = idInKey(prefix, key);
      if (id !== undefined) ids.add(id);
    }
    return ids;
  };
  const idsOfWork = async () => {
    const found = new Set<string>();
    const ids = new Set<string>();
    for await (const { key } of store.list(buckets.work)) {
      const id = idInKey('', key);
      if (id === undefined) continue;
      found.add(key);
      ids.add(id);
    }
    const withAll = (...parts: readonly ((id: string) => ObjectRef)[]) =>
      new Set([...ids].filter((id) => parts.every((part) => found.has(part(id).key))));
    return {
      prepared: withAll(keys.target),
      // The engine stores them side by side.
      rendered: withAll(keys.renderedPicture, keys.renderedThumbnail, keys.renderedRecipe),
    };
  };
  const [answered, published, failed, work] = await Promise.all([
    idsUnder(buckets.outSmall, prefixes.answers),
    idsUnder(buckets.outSmall, prefixes.mosaics),
    idsUnder(buckets.in, prefixes.failures),
    idsOfWork(),
  ]);
  return { answered, published, failed, ...work };
}

async function withFailure(
  { store, keys }: RequestPorts,
  request: RequestSummary,
): Promise<RequestSummary> {
  if (request.state !== 'failed') return request;
  try {
    const found = await readRecord(store, keys.failureRecord(request.id), failureRecordSchema);
    if (!found) return request;
    const { queue, code, reason } = found.record;
    return { ...request, failure: { queue, code, reason } };
  } catch (error) {
    return {
      ...request,
      failure: { queue: '-', code: 'record.damaged', reason: messageOf(error) },
    };
  }
}

/** Characters of a reason in a table; the rest is in the record of the failure. */
const reasonLength = 100;

/** Requests as a table with their number by state below it. */
export function formatRequests({ counts, requests, oldestOpen }: RequestReport, now: Date): string {
  const total = requestStates.reduce((sum, state) => sum + counts[state], 0);
  const summary = requestStates.map((state) => `${counts[state]} ${state}`).join(', ');
  return [
    formatTable(
      ['REQUEST', 'STATE', 'AGE', 'FAILURE'],
      requests.map(({ id, state, requestedAt, failure }) => [
        id,
        state,
        formatAge(requestedAt, now),
        failure ? `${failure.code} in ${failure.queue}: ${clip(failure.reason, reasonLength)}` : '',
      ]),
    ),
    `${requests.length} of ${total} requests: ${summary}.`,
    ...(oldestOpen
      ? [
          `The oldest open request is ${formatAge(oldestOpen.requestedAt, now)} old: ` +
            `${oldestOpen.id} (${oldestOpen.state}).`,
        ]
      : []),
  ].join('\n');
}
