import type { CatalogueEntry } from '@mosaicme/catalogue';
import { objectKeys } from '@mosaicme/contracts';
import { messageOf } from '@mosaicme/errors';
import { readRequest, type FailureFact, type RequestView } from '@mosaicme/requests';
import type { Settings, WebPorts } from '../ports';

/**
 * How far a request has come that has no mosaic yet, as its guest may know it. `review` is all that has
 * to do with moderation: what is held and what was rejected look alike.
 */
export const waitingStages = ['received', 'prepared', 'rendered', 'review'] as const;
export type WaitingStage = (typeof waitingStages)[number];

/** What became of a request, in the words of the pages. */
export type RequestState =
  | { readonly state: 'published'; readonly entry: CatalogueEntry }
  | { readonly state: 'waiting'; readonly stage: WaitingStage; readonly campaign?: string }
  | { readonly state: 'failed'; readonly failure: Failure; readonly campaign?: string }
  | { readonly state: 'withdrawn' }
  | { readonly state: 'unknown' };

export type Failure = Pick<FailureFact, 'code' | 'reason' | 'failedAt'>;

/**
 * Finds what became of a request. The catalogue is asked first, because most visitors want a mosaic
 * that is there; for everything else the facts in the buckets decide.
 *
 * @throws TransientError when the store does not answer.
 */
export function createLookup(
  { catalogue, store, logger }: Pick<WebPorts, 'catalogue' | 'store' | 'logger'>,
  { buckets }: Pick<Settings, 'buckets'>,
): (id: string) => Promise<RequestState> {
  const ports = { store, buckets, keys: objectKeys(buckets) };

  const inCatalogue = async (id: string): Promise<RequestState | undefined> => {
    try {
      const entry = await catalogue.get(id);
      return entry && { state: 'published', entry };
    } catch (error) {
      logger.warn({ error, id }, `The catalogue does not answer: ${messageOf(error)}`);
      return undefined;
    }
  };

  return async (id) => {
    const known = await inCatalogue(id);
    if (known) return known;
    const view = await readRequest(ports, id);
    return view ? stateOf(view) : { state: 'unknown' };
  };
}
export type Lookup = ReturnType<typeof createLookup>;

/** The state of a request as its guest may know it. */
export function stateOf({ state, facts, record, mosaic }: RequestView): RequestState {
  const campaign = record && { campaign: record.request.campaign };
  switch (state) {
    case 'published':
    case 'completed': {
      if (!mosaic) return { state: 'unknown' };
      const { answer } = facts;
      const hasAnswer = answer !== undefined && answer !== true;
      return { state: 'published', entry: { mosaic, ...(hasAnswer && { answer }) } };
    }
    case 'failed': {
      const { failure } = facts;
      if (failure === undefined || failure === true) return { state: 'unknown' };
      return { state, failure, ...campaign };
    }
    case 'withdrawn':
      return { state };
    case 'held':
    case 'rejected':
      return { state: 'waiting', stage: 'review', ...campaign };
    case 'received':
    case 'prepared':
    case 'rendered':
      return { state: 'waiting', stage: state, ...campaign };
  }
}
