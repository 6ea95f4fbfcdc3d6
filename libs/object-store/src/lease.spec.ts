import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore } from './folder/folder-store';
import { createLease, type Lease } from './lease';
import type { ObjectStore } from './port';

const ref = { bucket: 'leases', key: 'leases/janitor.json' };
const ttlMs = 30_000;
let folder: string;
let store: ObjectStore;
let time: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lease-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(ref.bucket);
  time = 0;
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const lease = (holder: string): Lease =>
  createLease({ store, ref, holder, ttlMs, now: () => time });

it('lets exactly one of many have it', async () => {
  const leases = Array.from({ length: 8 }, (_, n) => lease(`process ${n}`));
  const outcomes = await Promise.all(leases.map((each) => each.acquire()));
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  expect(leases.map((each) => each.isHeld())).toEqual(outcomes);
});

it('stays with a process that renews it', async () => {
  const [one, other] = [lease('one'), lease('other')];
  for (let round = 0; round < 10; round++) {
    expect(await one.acquire()).toBe(true);
    expect(await other.acquire()).toBe(false);
    time += ttlMs / 3;
  }
});

it('goes to another process when it was not renewed for its whole time', async () => {
  const [dead, next] = [lease('dead'), lease('next')];
  await dead.acquire();
  time += 10 * ttlMs;
  expect(await next.acquire()).toBe(false);
  time += ttlMs - 1;
  expect(await next.acquire()).toBe(false);
  time += 1;
  expect(await next.acquire()).toBe(true);
});

it('is lost before another process can take it', async () => {
  const [slow, next] = [lease('slow'), lease('next')];
  await slow.acquire();
  await next.acquire();
  time += ttlMs - 1;
  expect(slow.isHeld()).toBe(false);
  expect(await next.acquire()).toBe(false);
});

it('is not taken back by the process that lost it', async () => {
  const [slow, next] = [lease('slow'), lease('next')];
  await slow.acquire();
  await next.acquire();
  time += ttlMs;
  await next.acquire();
  expect(await slow.acquire()).toBe(false);
  expect(next.isHeld()).toBe(true);
});

it('goes to another process at once when it is released', async () => {
  const [one, other] = [lease('one'), lease('other')];
  await one.acquire();
  await one.release();
  expect(one.isHeld()).toBe(false);
  expect(await other.acquire()).toBe(true);
});

it('leaves the lease of another process alone when it is released too late', async () => {
  const [slow, next] = [lease('slow'), lease('next')];
  await slow.acquire();
  await next.acquire();
  time += ttlMs;
  await next.acquire();
  await slow.release();
  time += 1;
  expect(await next.acquire()).toBe(true);
});
