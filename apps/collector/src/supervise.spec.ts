import { PermanentError } from '@mosaicme/errors';
import { silentLogger, type HealthCheck } from '@mosaicme/service';
import { AccountFault, networksOf, type Network, type NetworkId } from '@mosaicme/social';
import { superviseEach } from './supervise';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const refused = new PermanentError('test.refused', 'no such hashtag');
const locked = new AccountFault('test.locked', 'the account is locked');

/** Networks of which only the ids matter. */
const named = (...ids: NetworkId[]) => networksOf(ids.map((id) => ({ id }) as Network));
const x = { name: 'x', instance: 'x.com' } as const;
const mastodon = { name: 'mastodon', instance: 'mastodon.example' } as const;

function setUp(follow: (network: Network, attempt: number) => Promise<void>) {
  const controller = new AbortController();
  const checks: Record<string, HealthCheck> = {};
  const fail = jest.fn();
  const attempts = new Map<Network, number>();
  const start = (...ids: NetworkId[]) =>
    superviseEach(
      named(...ids),
      (network) => {
        const attempt = attempts.get(network) ?? 0;
        attempts.set(network, attempt + 1);
        return follow(network, attempt);
      },
      {
        logger: silentLogger,
        signal: controller.signal,
        addCheck: (name, check) => void (checks[name] = check),
        fail,
      },
    );
  return { controller, checks, fail, start };
}

const untilStopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

it('stops a network that refuses alone, and its check says why', async () => {
  const { controller, checks, fail, start } = setUp(async (network) => {
    if (network.id.name === 'x') throw refused;
    await untilStopped(controller.signal);
  });
  const ended = start(x, mastodon);
  await jest.advanceTimersByTimeAsync(24 * 3600_000);
  expect(() => checks['x (x.com)']?.()).toThrow('not followed: no such hashtag');
  expect(() => checks['mastodon (mastodon.example)']?.()).not.toThrow();
  expect(fail).not.toHaveBeenCalled();
  controller.abort();
  await ended;
});

it('tries a network with a faulty account again after a while', async () => {
  const { controller, checks, start } = setUp(async (network, attempt) => {
    if (network.id.name === 'x' && attempt === 0) throw locked;
    await untilStopped(controller.signal);
  });
  const ended = start(x, mastodon);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(() => checks['x (x.com)']?.()).toThrow('the account is locked');
  await jest.advanceTimersByTimeAsync(15 * 60_000);
  expect(() => checks['x (x.com)']?.()).not.toThrow();
  controller.abort();
  await ended;
});

it.each([refused, locked])('fails when no network is followed any more: %s', async (error) => {
  const { fail, start } = setUp(() => Promise.reject(error));
  await start(x);
  expect(fail).toHaveBeenCalledWith(error);
});
