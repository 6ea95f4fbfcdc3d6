import { ClientRequest } from 'node:http';
import { ApiRequestError, ApiResponseError } from 'twitter-api-v2';
import { PermanentError, TransientError } from '@mosaicme/errors';
import { AccountFault, AlreadyAnswered, OutcomeUnknown, PostRefused, RateLimited } from '../port';
import { toPostingError, toXError, type XStage } from './errors';

type ResponseOptions = ConstructorParameters<typeof ApiResponseError>[1];

const response = (code: number, data: unknown, headers: Record<string, string> = {}) =>
  new ApiResponseError(`Request failed with code ${code}`, {
    code,
    data,
    headers,
  } as ResponseOptions);

const broken = (code: string) =>
  new ApiRequestError('Request failed.', {
    request: new ClientRequest('http://127.0.0.1/').on('error', () => {}).destroy(),
    error: Object.assign(new Error(code), { code }),
  });

const code = (number: number, message: string) => ({ errors: [{ code: number, message }] });
const detail = (text: string) => ({ detail: text });

/** What X says, in which stage of the work, and what it is: a code and who or what is at fault. */
const table: [string, number, unknown, XStage, string, new (...args: never[]) => Error][] = [
  ['bad credentials', 401, { title: 'Unauthorized' }, 'posting', 'x.unauthorized', AccountFault],
  [
    'a bad consumer key',
    403,
    code(99, 'Unable to verify your credentials'),
    'reading',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'a clock that is off',
    401,
    code(135, 'Timestamp out of bounds.'),
    'posting',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'a revoked token',
    401,
    code(89, 'Invalid or expired token.'),
    'uploading',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'a locked account',
    403,
    code(326, 'To protect our users, this account is temporarily locked.'),
    'posting',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'a locked account in words',
    403,
    detail('Your account is temporarily locked.'),
    'posting',
    'x.forbidden',
    AccountFault,
  ],
  [
    'a suspended account',
    403,
    code(64, 'Your account is suspended.'),
    'posting',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'an app that may only read',
    403,
    code(261, 'Application cannot perform write actions.'),
    'posting',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'an app that may only read, in words',
    403,
    detail(
      'Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.',
    ),
    'posting',
    'x.forbidden',
    AccountFault,
  ],
  [
    'too low an access level',
    403,
    code(453, 'You currently have access to a subset of endpoints.'),
    'posting',
    'x.unauthorized',
    AccountFault,
  ],
  [
    'missing access',
    403,
    detail('Client is not enrolled.'),
    'reading',
    'x.forbidden',
    AccountFault,
  ],
  ['a refused upload', 403, detail('Forbidden.'), 'uploading', 'x.forbidden', AccountFault],
  ['no credits', 402, { title: 'CreditsDepleted' }, 'posting', 'x.credits-depleted', RateLimited],
  [
    'a spent usage cap',
    429,
    { title: 'UsageCapExceeded', detail: 'Usage cap exceeded: Monthly product cap' },
    'reading',
    'x.usage-cap',
    RateLimited,
  ],
  ['a rate limit', 429, { title: 'Too Many Requests' }, 'posting', 'x.rate-limit', RateLimited],
  [
    'a second connection',
    429,
    { title: 'ConnectionException', connection_issue: 'TooManyConnections' },
    'reading',
    'x.too-many-connections',
    TransientError,
  ],
  [
    'a stream without rules',
    409,
    { title: 'ConnectionException', connection_issue: 'RuleConfigurationIssue' },
    'reading',
    'x.no-rules',
    TransientError,
  ],
  [
    'a duplicate',
    403,
    detail('You are not allowed to create a Tweet with duplicate content.'),
    'posting',
    'x.duplicate',
    AlreadyAnswered,
  ],
  [
    'a deleted post',
    403,
    detail('You attempted to reply to a Tweet that is deleted or not visible to you.'),
    'posting',
    'x.post-gone',
    PostRefused,
  ],
  [
    'no mention',
    403,
    detail('Reply to this conversation is not allowed because you have not been mentioned.'),
    'posting',
    'x.reply-not-allowed',
    PostRefused,
  ],
  [
    'a restricted conversation',
    403,
    detail('The original Tweet author restricted who can reply to this Tweet.'),
    'posting',
    'x.reply-not-allowed',
    PostRefused,
  ],
  [
    'another refusal of the post',
    403,
    detail('This request looks like it might be automated.'),
    'posting',
    'x.refused',
    PostRefused,
  ],
  ['a bad post', 400, detail('Your Tweet text is too long.'), 'posting', 'x.refused', PostRefused],
  [
    'a picture that is none',
    400,
    detail('Media type unrecognized.'),
    'uploading',
    'x.refused',
    PostRefused,
  ],
  [
    'a bad query',
    400,
    detail('One or more parameters were invalid.'),
    'reading',
    'x.refused',
    PermanentError,
  ],
  [
    'a failing server',
    503,
    { title: 'Service Unavailable' },
    'reading',
    'x.unavailable',
    TransientError,
  ],
  ['a gateway that speaks HTML', 502, '<html>', 'reading', 'x.unavailable', TransientError],
  ['a failure without a body', 500, undefined, 'reading', 'x.unavailable', TransientError],
];

describe('toXError', () => {
  it.each(table)('knows %s', (_kind, status, data, stage, expected, kind) => {
    const error = toXError(response(status, data), 'while testing', stage);
    expect([error.code, error.constructor]).toEqual([expected, kind]);
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

describe('the time of a reset', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => jest.useRealTimers());

  const epoch = (seconds: number) => String(1_800_000_000 + seconds);
  const window = (remaining: number, seconds: number) => ({
    'x-rate-limit-limit': '15',
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': epoch(seconds),
  });
  const day = (whose: 'app' | 'user', remaining: number, seconds: number) => ({
    [`x-${whose}-limit-24hour-limit`]: '50',
    [`x-${whose}-limit-24hour-remaining`]: String(remaining),
    [`x-${whose}-limit-24hour-reset`]: epoch(seconds),
  });

  it.each<[string, Record<string, string>, number]>([
    ["the window's", window(0, 900), 900],
    [
      "the account's day, when that is the one used up",
      { ...window(3, 900), ...day('user', 0, 5_000) },
      5_000,
    ],
    ["the app's day", { ...window(3, 900), ...day('app', 0, 7_000) }, 7_000],
    [
      'the latest of several that are used up',
      { ...window(0, 900), ...day('user', 0, 5_000), ...day('app', 0, 7_000) },
      7_000,
    ],
    ["the day's without the window's headers", day('user', 0, 5_000), 5_000],
    ['what Retry-After asks for', { 'retry-after': '30' }, 30],
    ['the window, when nothing says what is used up', window(7, 100), 100],
    ['a minute, when X does not say', {}, 60],
    ['a second, when the reset has passed', window(0, -100), 1],
    ['a day at most', day('user', 0, 1e9), 86_400],
    ['a minute, when the header is no number', { 'retry-after': 'soon' }, 60],
  ])('is %s', (_case, headers, seconds) => {
    const error = toXError(response(429, {}, headers), 'while testing');
    expect(error).toBeInstanceOf(RateLimited);
    expect((error as RateLimited).retryAt).toEqual(new Date((1_800_000_000 + seconds) * 1000));
    expect((error as RateLimited).retryAfterMs).toBe(seconds * 1000);
  });

  it.each([
    [402, { title: 'CreditsDepleted' }],
    [429, { title: 'UsageCapExceeded' }],
  ])('is that of a probe after 15 minutes for %i %o', (status, data) => {
    expect(toXError(response(status, data), 'while testing')).toMatchObject({
      retryAfterMs: 900_000,
    });
  });
});

describe('toPostingError', () => {
  it.each([
    ['ECONNRESET', 'x.outcome-unknown'],
    ['EPIPE', 'x.outcome-unknown'],
    ['ECONNREFUSED', 'x.unreachable'],
    ['ENOTFOUND', 'x.unreachable'],
  ])('knows whether a post may exist after %s', (networkCode, expected) => {
    expect(toPostingError(broken(networkCode), 'while testing').code).toBe(expected);
  });

  it('does not know what became of a post when the server failed', () => {
    const error = toPostingError(response(503, {}), 'while testing');
    expect(error).toBeInstanceOf(OutcomeUnknown);
    expect(error.code).toBe('x.outcome-unknown');
  });

  it.each([
    [403, detail('No.'), 'x.refused'],
    [429, {}, 'x.rate-limit'],
    [401, {}, 'x.unauthorized'],
  ])('knows that after a %i no post exists', (status, data, expected) => {
    expect(toPostingError(response(status, data), 'while testing').code).toBe(expected);
  });
});
