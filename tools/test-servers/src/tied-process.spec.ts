import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { startTied } from './tied-process';

/** A program that keeps a connection to `port`, so that its end can be seen. */
const connected = (port: number): string[] => [
  '-e',
  `require('node:net').connect(${port}, '127.0.0.1').on('error', () => process.exit(1)).resume()`,
];

describe('a tied process', () => {
  let witness: Server;
  let port: number;

  beforeEach(async () => {
    witness = createServer();
    witness.listen(0, '127.0.0.1');
    await once(witness, 'listening');
    const address = witness.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    port = address.port;
  });
  afterEach(() => {
    witness.close();
  });

  /** Resolves when the other end is gone, in whatever way. */
  const gone = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.resume();
    });

  it('ends when it is stopped', async () => {
    const server = startTied(process.execPath, connected(port), process.env);
    const [socket] = (await once(witness, 'connection')) as [Socket];
    await Promise.all([gone(socket), server.stop()]);
    expect(server.ended.aborted).toBe(true);
  });

  it('takes along what it started', async () => {
    const child = `"${process.execPath}" ${connected(port)
      .map((part) => `'${part.replaceAll("'", `'\\''`)}'`)
      .join(' ')}`;
    const server = startTied('/bin/sh', ['-c', `${child} & wait`], process.env);
    const [socket] = (await once(witness, 'connection')) as [Socket];
    await Promise.all([gone(socket), server.stop()]);
  });

  it('ends when its parent is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tied-'));
    try {
      const file = join(folder, 'tied.mjs');
      buildSync({
        entryPoints: [join(__dirname, 'tied-process.ts')],
        outfile: file,
        bundle: true,
        platform: 'node',
        format: 'esm',
      });
      const script = `import { startTied } from ${JSON.stringify(file)};
        startTied(process.execPath, ${JSON.stringify(connected(port))}, process.env);`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
      const [socket] = (await once(witness, 'connection')) as [Socket];
      parent.kill('SIGKILL');
      await gone(socket);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is awaited by what it says', async () => {
    const server = startTied('/bin/sh', ['-c', 'echo not yet; echo now ready; cat'], process.env);
    await server.untilSays('now ready', 30_000);
    expect(server.lastWords()).toContain('not yet');
    await server.stop();
  });

  it('fails with its last words when it ends before it is ready', async () => {
    const server = startTied('/bin/sh', ['-c', 'echo the disk is full >&2; exit 1'], process.env);
    await expect(server.untilSays('ready', 30_000)).rejects.toThrow(
      /ended before.*the disk is full/s,
    );
    await server.stop();
  });

  it('fails when the program is not there', async () => {
    const server = startTied('/no/such/server', [], process.env);
    await expect(server.untilSays('ready', 30_000)).rejects.toThrow(/not found/);
    await server.stop();
  });
});
