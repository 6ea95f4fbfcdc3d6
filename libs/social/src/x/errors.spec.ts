import { ClientRequest } from 'node:http';
import { ApiRequestError, ApiResponseError } from 'twitter-api-v2';
import { isPermanent, PermanentError, TransientError } from '@mosaicme/errors';
import { toPostingError, toXError } from './errors';

type ResponseOptions = ConstructorParameters<typeof ApiResponseError>[1];

const response = (code: number, data: unknown, rateLimit?: ResponseOptions['rateLimit']) =>
  new ApiResponseError(`Request failed with code ${code}`, {
    code,
    data,
    headers: {},
    ...(rateLimit && { rateLimit }),
  } as ResponseOptions);

const broken = (code: string) =>
  new ApiRequestError('Request failed.', {
    request: new ClientRequest('http://127.0.0.1/').on('error', () => {}).destroy(),
    error: Object.assign(new Error(code), { code }),
  });

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe('toXError', () => {
  it.each<[string, number, unknown, string, boolean]>([
    ['bad credentials', 401, { title: 'Unauthorized' }, 'x.unauthorized', true],
    [
      'a bad consumer key',
      403,
      { errors: [{ code: 99, message: 'Unable to verify your credentials' }] },
      'x.unauthorized',
      true,
    ],
    ['no credits', 402, { title: 'CreditsDepleted' }, 'x.credits-depleted', false],
    [
      'a second connection',
      429,
      { title: 'ConnectionException', connection_issue: 'TooManyConnections' },
      'x.too-many-connections',
      false,
    ],
    [
      'a duplicate',
      403,
      { detail: 'You are not allowed to create a Tweet with duplicate content.' },
      'x.duplicate',
      true,
    ],
    [
      'a deleted post',
      403,
      { detail: 'You attempted to reply to a Tweet that is deleted or not visible to you.' },
      'x.post-gone',
      true,
    ],
    [
      'no mention',
      403,
      { detail: 'Reply to this conversation is not allowed because you have not been mentioned.' },
      'x.reply-not-allowed',
      true,
    ],
    [
      'a restricted conversation',
      403,
      { detail: 'The original Tweet author restricted who can reply to this Tweet.' },
      'x.reply-not-allowed',
      true,
    ],
    ['missing access', 403, { detail: 'Client is not enrolled.' }, 'x.forbidden', true],
    ['a bad request', 400, { detail: 'One or more parameters were invalid.' }, 'x.refused', true],
    ['rules that changed meanwhile', 409, { title: 'ConnectionException' }, 'x.unavailable', false],
    ['a failing server', 503, { title: 'Service Unavailable' }, 'x.unavailable', false],
    ['a gateway that speaks HTML', 502, '<html>', 'x.unavailable', false],
    ['a failure without a body', 500, undefined, 'x.unavailable', false],
  ])('knows %s', (_kind, status, data, code, permanent) => {
    const error = toXError(response(status, data), 'while testing');
    expect([error.code, isPermanent(error)]).toEqual([code, permanent]);
  });

  it('waits until the rate limit is renewed', () => {
    const limit = { limit: 15, remaining: 0, reset: inSeconds(100) };
    const error = toXError(response(429, {}, limit), 'while testing') as TransientError;
    expect(error.code).toBe('x.rate-limit');
    expect(error.retryAfterMs).toBeGreaterThan(98_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(100_000);
  });

  it("waits for the day's limit when that is the one used up", () => {
    const day = { limit: 50, remaining: 0, reset: inSeconds(5000) };
    const limit = { limit: 15, remaining: 3, reset: inSeconds(100), userDay: day };
    const error = toXError(response(429, {}, limit), 'while testing') as TransientError;
    expect(error.retryAfterMs).toBeGreaterThan(4_998_000);
  });

  it('waits a minute when X does not say how long', () => {
    expect(toXError(response(429, {}), 'while testing')).toMatchObject({ retryAfterMs: 60_000 });
  });

  it('says what the network said', () => {
    expect(toXError(broken('ECONNREFUSED'), 'while testing')).toMatchObject({
      code: 'x.unreachable',
      message: 'X did not answer while testing: ECONNREFUSED',
    });
  });

  it('lets its own errors through', () => {
    const own = new PermanentError('x.picture-too-large', 'Too large.');
    expect(toXError(own, 'while testing')).toBe(own);
  });
});

describe('toPostingError', () => {
  it.each([
    ['ECONNRESET', 'x.outcome-unknown'],
    ['EPIPE', 'x.outcome-unknown'],
    ['ECONNREFUSED', 'x.unreachable'],
    ['ENOTFOUND', 'x.unreachable'],
  ])('knows whether a post may exist after %s', (networkCode, code) => {
    expect(toPostingError(broken(networkCode), 'while testing').code).toBe(code);
  });

  it('does not know what became of a post when the server failed', () => {
    const error = toPostingError(response(503, {}), 'while testing');
    expect(error).toBeInstanceOf(TransientError);
    expect(error.code).toBe('x.outcome-unknown');
  });

  it('knows that a refused post does not exist', () => {
    const error = toPostingError(response(403, { detail: 'No.' }), 'while testing');
    expect(error.code).toBe('x.forbidden');
  });
});
