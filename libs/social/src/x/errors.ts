import { ApiPartialResponseError, ApiRequestError, ApiResponseError } from 'twitter-api-v2';
import { messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import { AccountFault, AlreadyAnswered, OutcomeUnknown, PostRefused, RateLimited } from '../port';

/** Failures after which the request certainly never reached X. */
const neverSent = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** X names no time for a spent usage cap or for credits: ask once in so many milliseconds. */
const probeAfterMs = 15 * 60_000;
/** No limit of X lasts longer than a day; a header that says so is wrong. */
const longestWaitMs = 24 * 3600_000;

/**
 * Codes of X's errors that are about the account, its keys or the app: no authentication (32, 135, 215),
 * suspended (63, 64), client not permitted (87, 93), token invalid (89, 99), no write permission (220,
 * 261), locked (326), access level too low (453).
 */
const accountCodes = [32, 63, 64, 87, 89, 93, 99, 135, 215, 220, 261, 326, 453];

/** The same, where X says it in words. */
const accountWords =
  /oauth1[ -]permissions|not configured with the appropriate|read[- ]only application|locked|suspended|not enrolled|client-not-enrolled|client forbidden|access level|unsupported authentication|is forbidden for this endpoint/i;

/** Where in a task the request stood: only what is about a post can be the post's fault. */
export type XStage = 'reading' | 'uploading' | 'posting';

/**
 * An error of twitter-api-v2 in this system's terms; see `Network`.
 *
 * @param doing What was tried, for the message: 'while answering post 12'.
 */
export function toXError(
  error: unknown,
  doing: string,
  stage: XStage = 'reading',
): PermanentError | TransientError {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  if (error instanceof ApiResponseError) return fromResponse(error, doing, stage);
  const cause = networkError(error) ?? error;
  return new TransientError('x.unreachable', `X did not answer ${doing}: ${messageOf(cause)}`, {
    cause,
  });
}

/**
 * The same for the one request that must not be sent twice. Where X may have accepted the post although
 * no answer came, it is an `OutcomeUnknown`.
 */
export function toPostingError(error: unknown, doing: string): PermanentError | TransientError {
  const plain = toXError(error, doing, 'posting');
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

function fromResponse(
  error: ApiResponseError,
  doing: string,
  stage: XStage,
): PermanentError | TransientError {
  const detail = detailOf(error);
  const cause = { cause: error };
  const refused = (code: string, message: string) => new PostRefused(code, message, cause);
  if (error.code === 401 || accountCodes.some((code) => error.hasErrorCode(code))) {
    return new AccountFault(
      'x.unauthorized',
      `X refused the account or its keys ${doing}: ${detail} Check TWITTER_CONSUMER_KEY, ` +
        `TWITTER_CONSUMER_SECRET, TWITTER_ACCESS_TOKEN, TWITTER_ACCESS_TOKEN_SECRET and ` +
        `TWITTER_BEARER_TOKEN, the clock of this host, and whether X locked the account.`,
      cause,
    );
  }
  if (error.code === 429) return fromRateLimit(error, doing, detail);
  if (connectionIssue(error.data) === 'RuleConfigurationIssue') {
    return new TransientError(
      'x.no-rules',
      `The X app has no stream rule ${doing}: ${detail}`,
      cause,
    );
  }
  if (error.code >= 500 || error.code === 408 || error.code === 409) {
    return new TransientError(
      'x.unavailable',
      `X failed (${error.code}) ${doing}: ${detail}`,
      cause,
    );
  }
  if (error.code === 402) {
    return new RateLimited(
      'x.credits-depleted',
      `X wants to be paid ${doing}: ${detail} Add credits in the developer console.`,
      new Date(Date.now() + probeAfterMs),
      cause,
    );
  }
  if (stage === 'posting' && /duplicate/i.test(detail)) {
    return new AlreadyAnswered(
      'x.duplicate',
      `X has this very text already, ${doing}: ${detail}`,
      cause,
    );
  }
  if (
    stage === 'posting' &&
    (/deleted|not visible|does not exist/i.test(detail) || error.code === 404)
  ) {
    return refused('x.post-gone', `The post is gone, ${doing}: ${detail}`);
  }
  if (
    stage === 'posting' &&
    error.code === 403 &&
    /repl(?:y|ies)|mentioned|engaged/i.test(detail)
  ) {
    return refused(
      'x.reply-not-allowed',
      `X allows no answer, ${doing}: ${detail} Without Enterprise access the author must have ` +
        `mentioned the bot.`,
    );
  }
  // The upload before the post needs the same permissions: what is refused after it is the post.
  if (error.code === 403 && (stage !== 'posting' || accountWords.test(detail))) {
    return new AccountFault(
      'x.forbidden',
      `X forbids it (403), ${doing}: ${detail} Check that the app may read and write, that its ` +
        `access includes this endpoint, and whether X locked the account.`,
      cause,
    );
  }
  const message = `X refused the request (${error.code}), ${doing}: ${detail}`;
  return stage === 'reading'
    ? new PermanentError('x.refused', message, cause)
    : refused('x.refused', message);
}

function fromRateLimit(error: ApiResponseError, doing: string, detail: string): TransientError {
  if (connectionIssue(error.data) === 'TooManyConnections') {
    return new TransientError(
      'x.too-many-connections',
      `Another client holds the only stream connection of this X app, ${doing}: ${detail}`,
      { cause: error },
    );
  }
  if (/usage[ -]?cap/i.test(`${error.data?.title} ${error.data?.type} ${detail}`)) {
    return new RateLimited(
      'x.usage-cap',
      `The X app has used up what its plan includes, ${doing}: ${detail} Raise the cap in the ` +
        `developer console, or wait until X renews it.`,
      new Date(Date.now() + probeAfterMs),
      { cause: error },
    );
  }
  return new RateLimited(
    'x.rate-limit',
    `X's rate limit is used up, ${doing}: ${detail}`,
    resetOf(error),
    { cause: error },
  );
}

/**
 * When X lets us ask again: the latest reset of those limits that are used up (of 15 minutes, of the app's
 * day, of the account's day), else the pause it asks for, else that of the shortest limit.
 */
function resetOf({ headers }: ApiResponseError): Date {
  const numberOf = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? Number(value) : NaN;
  };
  const limits = ['x-rate-limit', 'x-app-limit-24hour', 'x-user-limit-24hour'].map((name) => ({
    remaining: numberOf(`${name}-remaining`),
    resetMs: numberOf(`${name}-reset`) * 1000,
  }));
  const usable = limits.filter(({ resetMs }) => Number.isFinite(resetMs));
  const spent = usable.filter(({ remaining }) => remaining === 0);
  const now = Date.now();
  const asked = now + numberOf('retry-after') * 1000;
  const at =
    spent.length > 0
      ? Math.max(...spent.map(({ resetMs }) => resetMs))
      : Number.isFinite(asked)
        ? asked
        : (usable[0]?.resetMs ?? now + 60_000);
  return new Date(Math.min(Math.max(at, now + 1_000), now + longestWaitMs));
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
