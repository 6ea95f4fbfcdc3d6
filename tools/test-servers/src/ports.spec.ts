import { createServer } from 'node:net';
import { freePorts, portCandidates } from './ports';

it.each([0, 0.5, 0.999_999])('tries every port once, from a random one on (%d)', (random) => {
  const candidates = [...portCandidates(random)];
  expect(new Set(candidates).size).toBe(candidates.length);
  expect(Math.min(...candidates)).toBe(20_000);
  expect(Math.max(...candidates)).toBe(31_999);
  expect(candidates[0]).toBe(20_000 + Math.floor(random * 12_000));
});

it('gives each name a port of its own, also to calls side by side', async () => {
  const choices = await Promise.all([freePorts(['a', 'b']), freePorts(['a', 'b'])]);
  const ports = choices.flatMap(({ a, b }) => [a, b]);
  expect(new Set(ports).size).toBe(4);
});

it('skips ports that are in use', async () => {
  const tried: number[] = [];
  const { a } = await freePorts(['a'], async (port) => tried.push(port) === 3);
  expect(a).toBe(tried[2]);
});

it('chooses a port on which one can listen', async () => {
  const { a } = await freePorts(['a']);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(a, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
});

it('says for what there was no port', async () => {
  await expect(freePorts(['dist'], async () => false)).rejects.toThrow(/No port .* free for dist/);
});
