import type { EndpointName } from './rate-limits';

/** What a test can make go wrong. */
export interface Faults {
  /** The next `times` requests to the endpoint are answered with the status. */
  failNext(endpoint: EndpointName, status: number, times?: number): void;
  /** The next posts are accepted, and then the client hears nothing ('hang') or is cut off ('reset'). */
  loseAnswerAfterPosting(how: 'hang' | 'reset', times?: number): void;
  /** Cuts all stream connections. */
  dropStreams(): void;
  /** Stops or restarts the keep-alives of all streams: a dead line that nobody closed. */
  silenceStreams(silent: boolean): void;
  /** Sends stream data in chunks of one byte, so that every character of several bytes is split. */
  splitStreamChunks(split: boolean): void;
}

/** The state behind the faults, as the server asks for it. */
export interface FaultPlan extends Faults {
  takeFailure(endpoint: EndpointName): number | undefined;
  takeLostAnswer(): 'hang' | 'reset' | undefined;
  readonly silent: boolean;
  readonly split: boolean;
}

export function createFaults(dropStreams: () => void): FaultPlan {
  const failures = new Map<EndpointName, number[]>();
  const lostAnswers: ('hang' | 'reset')[] = [];
  let silent = false;
  let split = false;
  return {
    failNext(endpoint, status, times = 1) {
      const planned = failures.get(endpoint) ?? [];
      failures.set(endpoint, [...planned, ...Array<number>(times).fill(status)]);
    },
    loseAnswerAfterPosting(how, times = 1) {
      lostAnswers.push(...Array<'hang' | 'reset'>(times).fill(how));
    },
    dropStreams,
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
