import { drawingOfKey, prefixes, type BucketNames, type ObjectKeys } from '@mosaicme/contracts';
import { readRecord, type ObjectStore } from '@mosaicme/object-store';
import {
  answerRecordSchema,
  decisionLogSchema,
  failureRecordSchema,
  mosaicRecordSchema,
  requestRecordSchema,
  type RequestRecord,
} from './records';
import type { Decision } from './decisions';
import type { PublishedMosaic } from '@mosaicme/contracts';
import { statusOf, type RequestFacts, type RequestStatus } from './state';

export interface RequestPorts {
  readonly store: ObjectStore;
  readonly keys: ObjectKeys;
  readonly buckets: BucketNames;
}

/** Everything about one request. */
export interface RequestView extends RequestStatus {
  readonly id: string;
  readonly facts: RequestFacts;
  readonly decisions: readonly Decision[];
  /** Undefined once it was deleted. */
  readonly record?: RequestRecord;
  readonly mosaic?: PublishedMosaic;
}

/**
 * Reads all facts about a request.
 *
 * @returns Undefined when nothing at all is known of the id.
 */
export async function readRequest(
  { store, keys, buckets }: RequestPorts,
  id: string,
): Promise<RequestView | undefined> {
  const [record, mosaic, answer, failure, log, target, held] = await Promise.all([
    readRecord(store, keys.requestRecord(id), requestRecordSchema),
    readRecord(store, keys.mosaicRecord(id), mosaicRecordSchema),
    readRecord(store, keys.answerRecord(id), answerRecordSchema),
    readRecord(store, keys.failureRecord(id), failureRecordSchema),
    readRecord(store, keys.decisions(id), decisionLogSchema),
    store.head(keys.target(id)),
    store.head(keys.heldRecord(id)),
  ]);
  if (!record && !mosaic && !failure && !log) return undefined;
  const campaign = record?.record.request.campaign;
  const facts: RequestFacts = {
    decisions: log?.record.decisions ?? [],
    prepared: target !== undefined,
    drawn: mosaic !== undefined || (campaign !== undefined && (await isDrawn(campaign))),
    putAside: held !== undefined,
    ...(mosaic && { published: { answerable: mosaic.record.answerable } }),
    ...(answer && { answer: answer.record.answer }),
    ...(failure && { failure: failure.record }),
  };
  return {
    id,
    facts,
    decisions: log?.record.decisions ?? [],
    ...(record && { record: record.record }),
    ...(mosaic && { mosaic: mosaic.record }),
    ...statusOf(facts),
  };

  async function isDrawn(inCampaign: string): Promise<boolean> {
    // The thumbnail is what the engine stores last.
    const prefix = `${prefixes.drawings}${inCampaign}/${id}/`;
    for await (const { key } of store.list(buckets.outSmall, { prefix })) {
      if (drawingOfKey(key)) return true;
    }
    return false;
  }
}
