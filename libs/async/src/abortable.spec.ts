import { getEventListeners } from 'node:events';
import { abortable } from './abortable';

const reason = new Error('stopped');

it('gives the outcome of the promise', async () => {
  const { signal } = new AbortController();
  await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(abortable(Promise.reject(reason), signal)).rejects.toBe(reason);
});

it('rejects with the reason of the signal while the promise is pending', async () => {
  const stopping = new AbortController();
  const waiting = abortable(new Promise(() => {}), stopping.signal);
  stopping.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

it('rejects when the signal had aborted before', async () => {
  await expect(abortable(Promise.resolve(1), AbortSignal.abort(reason))).rejects.toBe(reason);
});

it('ignores a rejection that comes after the abort', async () => {
  const late = Promise.reject(new Error('late'));
  await expect(abortable(late, AbortSignal.abort(reason))).rejects.toBe(reason);
});

it('leaves no listener behind', async () => {
  const { signal } = new AbortController();
  await abortable(Promise.resolve(), signal);
  await Promise.resolve();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
