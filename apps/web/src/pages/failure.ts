import type { Failure } from '../mosaics/lookup';

/**
 * A failure in plain language. A reason that speaks of the photo was written for people and is shown;
 * any other may speak of servers, which is the operator's business.
 */
export function failureText({ code, reason }: Pick<Failure, 'code' | 'reason'>): {
  readonly explanation: string;
  /** The photo itself is the reason, so another one may work. */
  readonly isPhoto: boolean;
} {
  return code.startsWith('image.')
    ? { explanation: `This photo could not be used. ${reason}`, isPhoto: true }
    : {
        explanation:
          'Something went wrong on our side while the mosaic was being made. The photo is kept, and the operator can try again.',
        isPhoto: false,
      };
}
