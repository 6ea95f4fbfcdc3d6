import { ApiPartialResponseError, ApiRequestError, ApiResponseError } from 'twitter-api-v2';
import { messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import { OutcomeUnknown } from '../port';

/** Failures after which the request certainly never reached X. */
const neverSent = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/**
 * An error of twitter-api-v2 in this system's terms.
 *
 * @param doing What was tried, for the message: 'answering post 12'.
 */
export function toXError(error: unknown, doing: string): PermanentError | TransientError {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  if (error instanceof ApiResponseError) return fromResponse(error, doing);
  const cause = networkError(error) ?? error;
  return new TransientError('x.unreachable', `X did not answer ${doing}: ${messageOf(cause)}`, {
    cause,
  });
}

/**
 * The same for the one request that must not be sent twice. Where X may have accepted the post although
 * no answer came, the code is `x.outcome-unknown`: look at the timeline before trying again.
 */
export function toPostingError(error: unknown, doing: string): PermanentError | TransientError {
  const plain = toXError(error, doing);
  const lostAnswer =
    plain.code === 'x.unavailable' ||
    error instanceof ApiPartialResponseError ||
    (error instanceof ApiRequestError && !neverSent.has(networkCode(error)));
  if (!lostAnswer) return plain;
  return new OutcomeUnknown(
    'x.outcome-unknown',
    `X broke off ${doing}, so the answer may or may not have been posted: ${plain.message}`,
    { cause: error },
  );
}

/**
 * What Node said. The library's `requestError` is always undefined (it reads another field than the one it
 * wrote), so the field that was written is read here.
 */
function networkError(error: unknown): Error | undefined {
  if (!(error instanceof ApiRequestError)) return undefined;
  const options: unknown = Reflect.get(error, '_options');
  const hidden: unknown =
    typeof options === 'object' && options !== null ? Reflect.get(options, 'error') : undefined;
  return [error.requestError, hidden].find((candidate) => candidate instanceof Error);
}

function networkCode(error: ApiRequestError): string {
  const cause = networkError(error);
  return cause && 'code' in cause ? String(cause.code) : '';
}

function fromResponse(error: ApiResponseError, doing: string): PermanentError | TransientError {
  const detail = detailOf(error);
  const permanent = (code: string, message: string) =>
    new PermanentError(code, message, { cause: error });
  // A wrong consumer key at oauth2/token is a 403 with the old error code 99.
  if (error.isAuthError || error.hasErrorCode(99)) {
    return permanent(
      'x.unauthorized',
      `X refused the credentials ${doing}: ${detail} Check TWITTER_CONSUMER_KEY, ` +
        `TWITTER_CONSUMER_SECRET, TWITTER_ACCESS_TOKEN and TWITTER_ACCESS_TOKEN_SECRET, and the clock.`,
    );
  }
  if (error.rateLimitError) return fromRateLimit(error, doing, detail);
  if (error.code >= 500 || error.code === 408 || error.code === 409) {
    return new TransientError('x.unavailable', `X failed (${error.code}) ${doing}: ${detail}`, {
      cause: error,
    });
  }
  if (error.code === 402) {
    return new TransientError(
      'x.credits-depleted',
      `X wants to be paid ${doing}: ${detail} Add credits in the developer console.`,
      { cause: error },
    );
  }
  if (/duplicate/i.test(detail)) {
    return permanent('x.duplicate', `X has this very text already, ${doing}: ${detail}`);
  }
  if (/deleted|not visible|does not exist/i.test(detail) || error.code === 404) {
    return permanent('x.post-gone', `The post is gone, ${doing}: ${detail}`);
  }
  if (error.code === 403 && /repl(?:y|ies)|mentioned|engaged/i.test(detail)) {
    return permanent(
      'x.reply-not-allowed',
      `X allows no answer, ${doing}: ${detail} Without Enterprise access the author must have ` +
        `mentioned the bot.`,
    );
  }
  if (error.code === 403) {
    return permanent(
      'x.forbidden',
      `X forbids it (403), ${doing}: ${detail} Check that the app may read and write, and that its ` +
        `access includes this endpoint.`,
    );
  }
  return permanent('x.refused', `X refused the request (${error.code}), ${doing}: ${detail}`);
}

function fromRateLimit(error: ApiResponseError, doing: string, detail: string): TransientError {
  if (connectionIssue(error.data) === 'TooManyConnections') {
    return new TransientError(
      'x.too-many-connections',
      `Another client holds the only stream connection of this X app, ${doing}: ${detail}`,
      { cause: error },
    );
  }
  const limit = [error.rateLimit?.userDay, error.rateLimit?.day].find(
    (day) => day?.remaining === 0,
  );
  const reset = (limit ?? error.rateLimit)?.reset;
  return new TransientError('x.rate-limit', `X's rate limit is used up, ${doing}: ${detail}`, {
    cause: error,
    retryAfterMs: reset ? Math.max(0, reset * 1000 - Date.now()) : 60_000,
  });
}

function connectionIssue(data: unknown): unknown {
  const isObject = typeof data === 'object' && data !== null;
  return isObject && 'connection_issue' in data ? data.connection_issue : undefined;
}

/** What X says about the failure, as a sentence. */
function detailOf({ data, code }: ApiResponseError): string {
  const [first] = data?.errors ?? [];
  const inner = first && ('message' in first ? first.message : first.detail);
  const text = data?.detail || inner || data?.title || `HTTP ${code}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
