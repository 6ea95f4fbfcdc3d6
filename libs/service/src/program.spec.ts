import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startHealthServer, type HealthServer } from './health';
import { runProgram, type Program } from './program';
import type { RunningService } from './service';

const written = { out: '', err: '' };
const open: (HealthServer | Server)[] = [];

beforeEach(() => {
  written.out = written.err = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text);
    return true;
  });
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text);
    return true;
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  for (const server of open.splice(0)) await server.close();
});

/** Runs a program whose health page is at the port. @returns what became of it */
async function run(words: string[], more: Partial<Program> & { healthPort?: number } = {}) {
  const { healthPort = 1, ...program } = more;
  let started = false;
  await runProgram(
    {
      app: 'engine',
      settings: () => ({ healthHost: '0.0.0.0', healthPort }),
      start: async () => {
        started = true;
        return idleService;
      },
      ...program,
    },
    words,
  );
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
  return { started, code: process.exitCode };
}

const idleService: RunningService = {
  app: 'engine',
  instance: 'one',
  ready: Promise.resolve(),
  failed: new Promise(() => undefined),
  healthUrl: undefined,
  close: async () => undefined,
};

async function healthPage(problem?: string): Promise<number> {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    checks: {
      tiles: () => {
        if (problem !== undefined) throw new Error(problem);
      },
    },
  });
  open.push(server);
  return Number(new URL(server.url).port);
}

it.each([
  ['without words', [], {}],
  [
    'by a command of the first release',
    ['/bin/start.sh', 'now'],
    { formerCommands: ['/bin/start.sh'] },
  ],
])('starts the service %s', async (_how, words, more) => {
  expect(await run(words, more)).toEqual({ started: true, code: undefined });
});

it('says why a retired command does nothing, and succeeds', async () => {
  const retiredCommands = { celery: 'There is no worker any more.' };
  expect(await run(['celery', '-A', 'tasks'], { retiredCommands })).toEqual({
    started: false,
    code: undefined,
  });
  expect(written.out).toBe('There is no worker any more.\n');
});

it.each([[['serve']], [['health', 'soon']], [['health', 'ready', 'now']]])(
  'refuses %j, naming the commands',
  async (words) => {
    expect(await run(words)).toEqual({ started: false, code: 64 });
    expect(written.err).toContain(`'${words.join(' ')}' is no command of engine`);
  },
);

it.each([
  ['health', undefined, undefined],
  ['health', 'too few tiles', undefined],
  ['health ready', undefined, undefined],
  ['health ready', 'too few tiles', 1],
])('%s of a service with the problem %p ends with %p', async (words, problem, code) => {
  const healthPort = await healthPage(problem);
  expect(await run(words.split(' '), { healthPort })).toEqual({ started: false, code });
  expect(written.err).toEqual(code === 1 ? expect.stringContaining('too few tiles') : '');
});

it('says which address it asked when nobody answers', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await run(['health'], { healthPort: port })).toEqual({ started: false, code: 1 });
  expect(written.err).toContain(`http://127.0.0.1:${port}/healthz`);
});
