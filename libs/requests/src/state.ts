import type { Answer, FailureStep } from '@mosaicme/contracts';
import { standingOf, type Decision } from './decisions';

/**
 * How far a request has come.
 * - `received`: its photo lies in the bucket; `prepared`: decoded; `rendered`: drawn.
 * - `held`: drawn, and waits for an approval.
 * - `published`: public; its answer is still to be settled. `completed`: nothing is left to do.
 * - `failed`: an operator may replay it. `rejected`: may be approved later. `withdrawn`: final.
 */
export const requestStates = [
  'received',
  'prepared',
  'rendered',
  'held',
  'published',
  'completed',
  'failed',
  'rejected',
  'withdrawn',
] as const;
export type RequestState = (typeof requestStates)[number];

export interface FailureFact {
  readonly step: FailureStep;
  readonly code: string;
  readonly reason: string;
  readonly failedAt: string;
}

/** What lies in the buckets about a request. Absent fields were not found. */
export interface RequestFacts {
  readonly decisions?: readonly Pick<Decision, 'verb'>[];
  /** The photo was decoded and normalised. */
  readonly prepared?: boolean;
  /** A revision was drawn. */
  readonly drawn?: boolean;
  /** A drawing was put aside, to be published when it is approved. */
  readonly putAside?: boolean;
  /** `answerable` is undefined while the record was not read. */
  readonly published?: { readonly answerable: boolean | undefined };
  /** True where only its existence is known. */
  readonly answer?: Answer | true;
  /** True where only its existence is known. */
  readonly failure?: FailureFact | true;
}

/** What a request still needs: the stage to which it is republished. */
export type NextStep = 'prepare' | 'publish' | 'answer';

export interface RequestStatus {
  readonly state: RequestState;
  /** Undefined where nothing is to be done, or a person has to act. */
  readonly next: NextStep | undefined;
}

/**
 * The state of a request: the only place where it is derived. It depends on the facts alone, not on the
 * order in which they came, so every reader sees the same.
 */
export function statusOf(facts: RequestFacts): RequestStatus {
  const { published, answer, failure } = facts;
  const standing = standingOf(facts.decisions ?? []);
  const state = (reached: RequestState, next?: NextStep): RequestStatus => ({
    state: reached,
    next,
  });

  if (standing === 'withdrawn') return state('withdrawn');
  if (standing === 'rejected') return state('rejected');
  if (published) {
    if (standing === 'held') return state('held');
    if (answer !== undefined || published.answerable === false) return state('completed');
    return state('published', failure === undefined ? 'answer' : undefined);
  }
  if (failure !== undefined) return state('failed');
  if (facts.putAside) {
    return standing === 'approved' ? state('rendered', 'publish') : state('held');
  }
  if (facts.drawn) return state('rendered', 'prepare');
  return state(facts.prepared ? 'prepared' : 'received', 'prepare');
}

/** Does a failure that was recorded still matter? Not when the request went on after it. */
export const failureIsMoot = (facts: RequestFacts): boolean =>
  facts.failure !== undefined && statusOf(facts).state === 'completed';
