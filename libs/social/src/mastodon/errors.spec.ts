import { MastoHttpError } from 'masto';
import { PermanentError, TransientError } from '@mosaicme/errors';
import { AccountFault, OutcomeUnknown, PostRefused, RateLimited } from '../port';
import { resetOf, toMastodonError, type Stage } from './errors';

const answered = (statusCode: number) =>
  new MastoHttpError({ statusCode, message: 'said' }, { cause: new Response('') });
const broken = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('why'), { code }) });

it.each<[string, unknown, Stage, string, new (...args: never[]) => Error]>([
  ['a revoked token', answered(401), 'posting', 'mastodon.unauthorized', AccountFault],
  [
    'a missing scope or a suspended account',
    answered(403),
    'posting',
    'mastodon.forbidden',
    AccountFault,
  ],
  ['a refused follower', answered(401), 'reading', 'mastodon.unauthorized', AccountFault],
  ['a rate limit', answered(429), 'uploading', 'mastodon.rate-limit', RateLimited],
  ['a post that is gone', answered(404), 'posting', 'mastodon.post-gone', PostRefused],
  ['a status that breaks a rule', answered(422), 'posting', 'mastodon.refused', PostRefused],
  ['a picture that breaks a rule', answered(422), 'uploading', 'mastodon.refused', PostRefused],
  ['a bad request of ours', answered(400), 'reading', 'mastodon.refused', PermanentError],
  ['a failing server', answered(503), 'reading', 'mastodon.unavailable', TransientError],
  [
    'a failing server after a post',
    answered(503),
    'posting',
    'mastodon.outcome-unknown',
    OutcomeUnknown,
  ],
  [
    'a server that is not there',
    broken('ECONNREFUSED'),
    'posting',
    'mastodon.unreachable',
    TransientError,
  ],
  [
    'a line that broke while reading',
    broken('ECONNRESET'),
    'reading',
    'mastodon.unreachable',
    TransientError,
  ],
  [
    'a line that broke after a post',
    broken('ECONNRESET'),
    'posting',
    'mastodon.outcome-unknown',
    OutcomeUnknown,
  ],
])('knows %s', (_kind, error, stage, code, kind) => {
  const known = toMastodonError(error, 'while testing', stage);
  expect([known.code, known.constructor]).toEqual([code, kind]);
});

it('says what the network said', () => {
  expect(toMastodonError(broken('ECONNREFUSED'), 'while testing').message).toContain(
    'ECONNREFUSED: why',
  );
});

describe('the time of a reset', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => jest.useRealTimers());

  it.each<[string, Record<string, string>, number]>([
    ['an ISO date', { 'x-ratelimit-reset': new Date(1_800_000_300_000).toISOString() }, 300],
    ['seconds since 1970', { 'x-ratelimit-reset': '1800000300' }, 300],
    ['a pause', { 'retry-after': '40' }, 40],
    ['a pause as a date', { 'retry-after': new Date(1_800_000_050_000).toUTCString() }, 50],
    ['five minutes, when nothing is said', {}, 300],
    ['five minutes, when what is said is no time', { 'x-ratelimit-reset': 'soon' }, 300],
    ['a second, when it has passed', { 'x-ratelimit-reset': '1700000000' }, 1],
    ['a day at most', { 'retry-after': '99999999' }, 86_400],
  ])('is %s', (_form, headers, seconds) => {
    expect(resetOf(new Headers(headers))).toEqual(new Date((1_800_000_000 + seconds) * 1000));
  });
});
