import { messageOf } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import {
  failureRecordSchema,
  listRequests,
  requestStates,
  type ListedRequest,
  type RequestPorts,
  type RequestState,
} from '@mosaicme/requests';
import pLimit from 'p-limit';
import { clip, formatAge, formatTable } from './format';

export interface RequestSummary {
  readonly id: string;
  readonly state: RequestState;
  readonly requestedAt: Date;
  /** Why it failed, or why its answer did. */
  readonly failure?: { readonly step: string; readonly code: string; readonly reason: string };
}

export interface RequestReport {
  /** Of all requests, whatever is shown. */
  readonly counts: Readonly<Record<RequestState, number>>;
  /** Newest first. */
  readonly requests: readonly RequestSummary[];
  /** The one that has waited longest, of all that an app still works on. */
  readonly oldestOpen: RequestSummary | undefined;
}

const readsAtOnce = 16;

/** Every request with its state, from the buckets alone: it needs neither broker nor Redis. */
export async function findRequests(
  ports: RequestPorts,
  { state, limit }: { readonly state?: RequestState | undefined; readonly limit: number },
): Promise<RequestReport> {
  const all = (await listRequests(ports))
    .map((request) => ({ ...request, requestedAt: request.receivedAt ?? new Date(0) }))
    .sort((a, b) => b.requestedAt.getTime() - a.requestedAt.getTime());
  const counts = Object.fromEntries(
    requestStates.map((each) => [each, all.filter((request) => request.state === each).length]),
  ) as Record<RequestState, number>;
  const slot = pLimit(readsAtOnce);
  const requests = await Promise.all(
    all
      .filter((request) => state === undefined || request.state === state)
      .slice(0, limit)
      .map((request) => slot(() => summaryOf(ports, request))),
  );
  const oldest = all.findLast(({ next }) => next !== undefined);
  return {
    counts,
    requests,
    oldestOpen: oldest && { id: oldest.id, state: oldest.state, requestedAt: oldest.requestedAt },
  };
}

async function summaryOf(
  { store, keys }: RequestPorts,
  { id, state, requestedAt, facts }: ListedRequest & { readonly requestedAt: Date },
): Promise<RequestSummary> {
  const request = { id, state, requestedAt };
  if (facts.failure === undefined) return request;
  try {
    const found = await readRecord(store, keys.failureRecord(id), failureRecordSchema);
    if (!found) return request;
    const { step, code, reason } = found.record;
    return { ...request, failure: { step, code, reason } };
  } catch (error) {
    return { ...request, failure: { step: '-', code: 'record.damaged', reason: messageOf(error) } };
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
        failure ? `${failure.code} in ${failure.step}: ${clip(failure.reason, reasonLength)}` : '',
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
