import { PermanentError, TransientError } from '@mosaicme/errors';
import { silentLogger } from './logger';
import { waitFor } from './wait';

const quick = { signal: new AbortController().signal, pauseMs: 1, maxPauseMs: 1 };

/** A logger that remembers its messages. */
function recorder() {
  const messages: string[] = [];
  const remember = (_fields: object, message: string) => void messages.push(message);
  return { messages, logger: { ...silentLogger, info: remember, warn: remember } };
}

it('tries until it works', async () => {
  let attempts = 0;
  const value = await waitFor(
    'the store',
    async () => {
      if (++attempts < 4) throw new TransientError('store.away', 'not there');
      return 'here';
    },
    { ...quick, logger: silentLogger },
  );
  expect([value, attempts]).toEqual(['here', 4]);
});

it('says once why it waits, and when that is over', async () => {
  const { messages, logger } = recorder();
  let attempts = 0;
  await waitFor(
    'the store',
    async () => {
      if (++attempts < 4) throw new Error('connection refused');
    },
    { ...quick, logger },
  );
  expect(messages).toEqual(['waiting for the store: connection refused', 'the store is there now']);
});

it('says nothing when there is nothing to wait for', async () => {
  const { messages, logger } = recorder();
  await waitFor('the store', async () => 1, { ...quick, logger });
  expect(messages).toEqual([]);
});

it('does not wait for what a retry cannot help', async () => {
  const refusal = new PermanentError('store.denied', 'wrong key');
  const attempt = waitFor('the store', () => Promise.reject(refusal), {
    ...quick,
    logger: silentLogger,
  });
  await expect(attempt).rejects.toBe(refusal);
});

it('ends when the service stops', async () => {
  const stopping = new AbortController();
  const attempt = waitFor('the store', () => Promise.reject(new Error('away')), {
    logger: silentLogger,
    signal: stopping.signal,
    pauseMs: 60_000,
  });
  stopping.abort(new Error('stops'));
  await expect(attempt).rejects.toThrow('stops');
});
