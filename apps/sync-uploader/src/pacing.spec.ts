import { DeferredError, PermanentError } from '@mosaicme/errors';
import { silentLogger } from '@mosaicme/service';
import { AccountFault, PostRefused, RateLimited } from '@mosaicme/social';
import { createPacing } from './pacing';

const x = { name: 'x', instance: 'x.com' } as const;
const mastodon = { name: 'mastodon', instance: 'one.example' } as const;
const start = Date.parse('2026-01-01T12:00:00Z');

let now: number;
let pacing: ReturnType<typeof createPacing>;
beforeEach(() => {
  now = start;
  pacing = createPacing({ probeMs: 60_000, now: () => new Date(now) }, silentLogger);
});

const limited = (afterMs: number) =>
  new RateLimited('x.rate-limit', 'The limit is spent.', new Date(start + afterMs));
const failing = (error: Error) => pacing.through(x, () => Promise.reject(error));
const asked = jest.fn(async () => 'posted');
beforeEach(() => asked.mockClear());

it('defers to the reset of a rate limit, and asks nobody before', async () => {
  await expect(failing(limited(1_200_000))).rejects.toMatchObject({
    name: 'DeferredError',
    until: new Date(start + 1_200_000),
  });
  now = start + 1_199_999;
  await expect(pacing.through(x, asked)).rejects.toBeInstanceOf(DeferredError);
  expect(asked).not.toHaveBeenCalled();
  now = start + 1_200_000;
  expect(await pacing.through(x, asked)).toBe('posted');
});

it('holds no other network up', async () => {
  await expect(failing(limited(1_000))).rejects.toThrow();
  expect(await pacing.through(mastodon, asked)).toBe('posted');
});

it('is not ready while an account is faulty, and is when an answer went through', async () => {
  pacing.check();
  await expect(failing(new AccountFault('x.token', 'The token is revoked.'))).rejects.toMatchObject(
    {
      until: new Date(start + 60_000),
    },
  );
  expect(() => pacing.check()).toThrow('The token is revoked.');
  now = start + 60_000;
  await pacing.through(x, asked);
  pacing.check();
});

it('stays ready during a rate limit', async () => {
  await expect(failing(limited(1_000))).rejects.toThrow();
  expect(() => pacing.check()).not.toThrow();
});

it('lets one answer find out after a pause, and keeps the others back', async () => {
  await expect(failing(limited(1_000))).rejects.toThrow();
  now = start + 1_000;
  let finish: (value: string) => void = () => undefined;
  const probe = pacing.through(x, () => new Promise<string>((resolve) => (finish = resolve)));
  await expect(pacing.through(x, asked)).rejects.toBeInstanceOf(DeferredError);
  finish('posted');
  expect(await probe).toBe('posted');
  expect(await pacing.through(x, asked)).toBe('posted');
});

it.each([
  new PostRefused('x.gone', 'The post is gone.'),
  new PermanentError('x.config', 'Wrong settings.'),
])("passes on a fault that is not the account's: %s", async (error) => {
  await expect(failing(error)).rejects.toBe(error);
  expect(await pacing.through(x, asked)).toBe('posted');
});
