import { defaultBucketNames, objectKeys } from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision } from './decisions';
import {
  createAuthorStandings,
  readDecisions,
  recordAuthorDecision,
  recordDecision,
  type DecisionPorts,
} from './log';

const id = '3f1c0a5be7d94f0f8f2b6f3a9c1d2e4f';
const decision = (verb: Decision['verb'], by = 'ada'): Decision => ({
  verb,
  by,
  at: '2026-01-01T00:00:00Z',
});
const author = { network: 'x', instance: 'x.com', author: { id: '7', handle: 'eve' } } as const;

let folder: string;
let store: ObjectStore;
let ports: DecisionPorts;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requests-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(defaultBucketNames.in);
  ports = { store, keys: objectKeys(defaultBucketNames) };
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it('keeps every decision, oldest first', async () => {
  await recordDecision(ports, id, decision('hold'));
  await recordDecision(ports, id, decision('approve', 'bob'));
  expect((await readDecisions(ports, id)).map(({ verb, by }) => [verb, by])).toEqual([
    ['hold', 'ada'],
    ['approve', 'bob'],
  ]);
});

it('loses no decision of many that are made at the same time', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => recordDecision(ports, id, decision('hold', `m${n}`))),
  );
  expect(await readDecisions(ports, id)).toHaveLength(8);
});

it('adds nothing after a withdrawal', async () => {
  await recordDecision(ports, id, decision('withdraw'));
  await recordDecision(ports, id, decision('withdraw'));
  await recordDecision(ports, id, decision('approve'));
  expect((await readDecisions(ports, id)).map(({ verb }) => verb)).toEqual(['withdraw']);
});

it('knows an author by the account, whatever the handle', async () => {
  await recordAuthorDecision(ports, author, decision('reject'));
  const standings = createAuthorStandings(ports, { maxAgeMs: 0 });
  const renamed = { ...author, author: { id: '7', handle: 'adam' } };
  expect(await standings.of(renamed)).toBe('rejected');
  expect(await standings.of({ ...author, instance: 'x.example' })).toBe('undecided');
});

it('asks the store about authors again after a while, not each time', async () => {
  let now = 0;
  const standings = createAuthorStandings(ports, { maxAgeMs: 100, now: () => now });
  expect(await standings.of(author)).toBe('undecided');
  await recordAuthorDecision(ports, author, decision('withdraw'));
  expect(await standings.of(author)).toBe('undecided');
  now = 101;
  expect(await standings.of(author)).toBe('withdrawn');
});
