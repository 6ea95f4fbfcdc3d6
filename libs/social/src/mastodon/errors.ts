import { MastoHttpError } from 'masto';
import { messageOf, PermanentError, TransientError } from '@mosaicme/errors';
import { AccountFault, OutcomeUnknown, PostRefused, RateLimited } from '../port';

/** Failures after which the request certainly never reached the server. */
const neverSent = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;
/** No limit of Mastodon lasts longer than a day; a header that says so is wrong. */
const longestWaitMs = 24 * 3600_000;
/** Mastodon's usual window, for a server that names no time. */
const usualWaitMs = 5 * 60_000;

/** Where in a task the request stood: only what is about a post can be the post's fault. */
export type Stage = 'reading' | 'uploading' | 'posting';

/**
 * An error of the client library, of fetch or of a stream in this system's terms; see `Network`.
 *
 * @param doing What was tried, for the message: 'while answering https://…'.
 */
export function toMastodonError(
  error: unknown,
  doing: string,
  stage: Stage = 'reading',
): PermanentError | TransientError {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  if (error instanceof MastoHttpError) {
    const response = error.cause instanceof Response ? error.cause : undefined;
    return fromStatus(error.statusCode, response?.headers, error.message, doing, stage, error);
  }
  const reason = reasonOf(error);
  if (stage === 'posting' && !neverSent.test(reason)) {
    return new OutcomeUnknown(
      'mastodon.outcome-unknown',
      `The server broke off ${doing}, so the answer may or may not have been posted: ${reason}`,
      { cause: error },
    );
  }
  return new TransientError(
    'mastodon.unreachable',
    `The server did not answer ${doing}: ${reason}`,
    { cause: error },
  );
}

/** What a response with that status means. */
export function fromStatus(
  status: number,
  headers: Headers | undefined,
  detail: string,
  doing: string,
  stage: Stage,
  cause?: unknown,
): PermanentError | TransientError {
  const said = `${status}, '${detail}'`;
  if (status === 401 || status === 403) {
    return new AccountFault(
      status === 401 ? 'mastodon.unauthorized' : 'mastodon.forbidden',
      `The server refused the account (${said}) ${doing}. Check MASTODON_ACCESS_TOKEN and its scopes ` +
        `(read, write), and whether the account is confirmed and not suspended.`,
      { cause },
    );
  }
  if (status === 429) {
    return new RateLimited(
      'mastodon.rate-limit',
      `The rate limit of the server is used up ${doing}.`,
      resetOf(headers),
      { cause },
    );
  }
  if (status >= 500 || status === 408) {
    const message = `The server failed (${said}) ${doing}.`;
    return stage === 'posting'
      ? new OutcomeUnknown(
          'mastodon.outcome-unknown',
          `${message} The answer may have been posted.`,
          {
            cause,
          },
        )
      : new TransientError('mastodon.unavailable', message, { cause });
  }
  const message = `The server refused the request (${said}) ${doing}.`;
  if (stage === 'reading') return new PermanentError('mastodon.refused', message, { cause });
  const gone = status === 404 || status === 410;
  return new PostRefused(gone ? 'mastodon.post-gone' : 'mastodon.refused', message, { cause });
}

/**
 * When the server lets us ask again. Mastodon tells it as an ISO date, its forks and proxies as seconds
 * since 1970 or as a pause.
 */
export function resetOf(headers: Headers | undefined): Date {
  const now = Date.now();
  const reset = headers?.get('x-ratelimit-reset') ?? '';
  const pause = headers?.get('retry-after') ?? '';
  const told = [
    /^\d+(\.\d+)?$/.test(reset) ? Number(reset) * 1000 : Date.parse(reset),
    /^\d+$/.test(pause) ? now + Number(pause) * 1000 : Date.parse(pause),
  ].find((at) => Number.isFinite(at));
  return new Date(Math.min(Math.max(told ?? now + usualWaitMs, now + 1_000), now + longestWaitMs));
}

/** What fetch says lies in the cause; its own message is always 'fetch failed'. */
function reasonOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  const code = cause instanceof Error && 'code' in cause ? `${String(cause.code)}: ` : '';
  return cause === undefined ? messageOf(error) : `${code}${messageOf(cause)}`;
}
