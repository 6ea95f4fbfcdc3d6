import type { FilteredStream } from './filtered-stream';
import type { EndpointName } from './rate-limits';

/** A status, or what X says of an account that has nothing left or is locked. */
export type Failure = number | 'usage-cap' | 'locked';

/** What a test can make go wrong. */
export interface Faults {
  /** The next `times` requests to the endpoint are answered with the status, or refused for that reason. */
  failNext(endpoint: EndpointName, failure: Failure, times?: number): void;
  /** The next `times` responses of the endpoint are cut in the middle, compressed where that is wanted. */
  cutNext(endpoint: EndpointName, times?: number): void;
  /** The next uploads stay so many looks in progress, and X does not say when to look again. */
  delayMedia(looks: number): void;
  /** Sends this line on all streams, as it is. */
  injectIntoStreams(line: string): void;
  /** The next posts are accepted, and then the client hears nothing ('hang') or is cut off ('reset'). */
  loseAnswerAfterPosting(how: 'hang' | 'reset', times?: number): void;
  /** The next post is refused because a limit is spent; the headers say so. */
  limitPosting(headers: Readonly<Record<string, string>>): void;
  /** From now on, or not any more, every token is refused. */
  revokeTokens(revoked: boolean): void;
  /** The open streams carry nothing any more, and nobody closes them: a half-open line. */
  muteStreams(): void;
  /** Sends a post once more on all streams. */
  repeatOnStreams(id: string): void;
  /** Cuts all stream connections. */
  dropStreams(): void;
  /** Stops or restarts the keep-alives of all streams: a dead line that nobody closed. */
  silenceStreams(silent: boolean): void;
  /** Sends stream data in chunks of one byte, so that every character of several bytes is split. */
  splitStreamChunks(split: boolean): void;
}

/** The state behind the faults, as the server asks for it. */
export interface FaultPlan extends Faults {
  takeFailure(endpoint: EndpointName): Failure | undefined;
  takeCut(endpoint: EndpointName): boolean;
  takeMediaDelay(): number;
  takePostingLimit(): Readonly<Record<string, string>> | undefined;
  readonly revoked: boolean;
  takeLostAnswer(): 'hang' | 'reset' | undefined;
  readonly silent: boolean;
  readonly split: boolean;
}

export function createFaults(
  streams: Pick<FilteredStream, 'drop' | 'inject' | 'mute' | 'repeat'>,
): FaultPlan {
  const failures = new Map<EndpointName, Failure[]>();
  const lostAnswers: ('hang' | 'reset')[] = [];
  const cuts = new Map<EndpointName, number>();
  let mediaDelay = 0;
  let postingLimit: Readonly<Record<string, string>> | undefined;
  let revoked = false;
  let silent = false;
  let split = false;
  return {
    failNext(endpoint, failure, times = 1) {
      const planned = failures.get(endpoint) ?? [];
      failures.set(endpoint, [...planned, ...Array<Failure>(times).fill(failure)]);
    },
    cutNext: (endpoint, times = 1) => void cuts.set(endpoint, times),
    takeCut(endpoint) {
      const left = cuts.get(endpoint) ?? 0;
      cuts.set(endpoint, Math.max(0, left - 1));
      return left > 0;
    },
    delayMedia: (looks) => (mediaDelay = looks),
    takeMediaDelay: () => mediaDelay,
    injectIntoStreams: streams.inject,
    limitPosting: (headers) => (postingLimit = headers),
    takePostingLimit() {
      const limit = postingLimit;
      postingLimit = undefined;
      return limit;
    },
    revokeTokens: (wanted) => (revoked = wanted),
    get revoked() {
      return revoked;
    },
    muteStreams: streams.mute,
    repeatOnStreams: streams.repeat,
    loseAnswerAfterPosting(how, times = 1) {
      lostAnswers.push(...Array<'hang' | 'reset'>(times).fill(how));
    },
    dropStreams: streams.drop,
    silenceStreams: (wanted) => (silent = wanted),
    splitStreamChunks: (wanted) => (split = wanted),
    takeFailure: (endpoint) => failures.get(endpoint)?.shift(),
    takeLostAnswer: () => lostAnswers.shift(),
    get silent() {
      return silent;
    },
    get split() {
      return split;
    },
  };
}
