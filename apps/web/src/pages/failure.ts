import type { Failure } from '../mosaics/lookup';

/** What may have been written by a library, a network or a server, and says nothing to a guest. */
const technical = /vips|jpeg:|png:|webp:|heif|error|exception|https?:|[{}<>]|\n|[/\\]\w+[/\\]/i;

/**
 * A failure in plain language. Reasons that speak of the photo were written for people and are shown,
 * unless they quote a library; any other may speak of servers, which is the operator's business.
 */
export function failureText({ code, reason }: Pick<Failure, 'code' | 'reason'>): {
  readonly explanation: string;
  /** The photo itself is the reason, so another one may work. */
  readonly isPhoto: boolean;
  readonly code: string;
} {
  if (code.startsWith('image.')) {
    const why = technical.test(reason) ? photoReasons[code] : reason;
    const advice = why ?? 'Please send it as a JPEG or PNG, or send another one.';
    return { explanation: `This photo could not be used. ${advice}`, isPhoto: true, code };
  }
  const known = campaignReasons[code];
  if (known !== undefined) return { explanation: known, isPhoto: true, code };
  return {
    explanation:
      'Something went wrong on our side while the mosaic was being made. The photo is kept, and the operator can try again.',
    isPhoto: false,
    code,
  };
}

const photoReasons: Readonly<Record<string, string>> = {
  'image.truncated':
    'The file ends in the middle, so it was perhaps not sent to its end. Please send it again.',
  'image.damaged':
    'The file is damaged. Please send it again, or take a screenshot of it and send that.',
  'image.too-slow': 'It takes too long to open. Please send a smaller version of it.',
};

const campaignReasons: Readonly<Record<string, string>> = {
  'campaign.closed': 'The event had closed when this photo arrived, so no mosaic was made of it.',
  'campaign.unknown': 'The event that this photo was sent for does not exist any more.',
};
