import { deferred } from './deferred';

it('is settled from outside, once', async () => {
  const { promise, resolve, reject } = deferred<number>();
  resolve(1);
  resolve(2);
  reject(new Error('late'));
  await expect(promise).resolves.toBe(1);
});

it('may be rejected with nobody waiting', async () => {
  const { promise, reject } = deferred();
  reject(new Error('unheard'));
  await new Promise((turn) => setImmediate(turn));
  await expect(promise).rejects.toThrow('unheard');
});
