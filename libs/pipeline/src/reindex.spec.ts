import { createMemoryCatalogue, type Catalogue } from '@mosaicme/catalogue';
import { defaultBucketNames, prefixes, type ObjectRef } from '@mosaicme/contracts';
import { TransientError } from '@mosaicme/errors';
import { writeRecord } from '@mosaicme/object-store';
import {
  answerRecordSchema,
  mosaicRecordSchema,
  recordDecision,
  type Decision,
} from '@mosaicme/requests';
import { gunzipSync, gzipSync } from 'node:zlib';
import { catchUp, reindex } from './reindex';
import { createPlace, keys, publishSample } from './testing/place';

let place: Awaited<ReturnType<typeof createPlace>>;
let catalogue: Catalogue;
beforeEach(async () => {
  place = await createPlace();
  catalogue = createMemoryCatalogue();
});
afterEach(async () => {
  await catalogue.close();
  await place.close();
});

const ports = () => ({ ...place.ports, catalogue });
const answer = { status: 'not-answerable', reason: 'answers are switched off' } as const;
const listed = async () =>
  (await catalogue.list({ limit: 200 })).entries.map(({ mosaic }) => mosaic.id).sort();
const publishMany = async (count: number) => {
  const mosaics = [];
  for (let post = 0; post < count; post++) {
    mosaics.push(await publishSample(place.store, `${post}`));
  }
  return mosaics;
};
const decide = (id: string, verb: Decision['verb']) =>
  recordDecision(place.ports, id, {
    verb,
    by: 'a moderator',
    at: new Date().toISOString(),
    why: 'as the moderator thinks',
  });
const settle = (id: string) =>
  writeRecord(place.store, keys.answerRecord(id), answerRecordSchema, { id, answer });

it('restores every mosaic and its answer', async () => {
  const mosaics = await publishMany(40);
  await settle(mosaics[7]!.id);

  expect(await reindex(ports())).toEqual({ count: 40 });
  expect(await listed()).toEqual(mosaics.map(({ id }) => id).sort());
  expect(await catalogue.get(mosaics[7]!.id)).toEqual({ mosaic: mosaics[7], answer });
});

it('leaves out a damaged record and nothing else', async () => {
  const damaged = await publishSample(place.store, '1');
  const well = await publishSample(place.store, '2');
  await place.store.put(keys.mosaicRecord(damaged.id), new TextEncoder().encode('no JSON'));
  expect(await reindex(ports())).toEqual({ count: 1 });
  expect(await listed()).toEqual([well.id]);
});

it('keeps the old content when the store goes away in the middle', async () => {
  const mosaic = await publishSample(place.store, '1');
  await reindex(ports());
  await publishSample(place.store, '2');
  const store = {
    ...place.store,
    get: async () => {
      throw new TransientError('object-store.unavailable', 'Away.');
    },
  };
  await expect(reindex({ ...ports(), store })).rejects.toMatchObject({
    code: 'object-store.unavailable',
  });
  expect(await listed()).toEqual([mosaic.id]);
});

describe('decisions', () => {
  it.each([
    ['nothing', [], true],
    ['an approval', ['approve'], true],
    ['a rejection that was taken back', ['reject', 'approve'], true],
    ['a hold', ['hold'], false],
    ['a rejection', ['reject'], false],
    ['a withdrawal', ['withdraw'], false],
    ['a withdrawal that somebody tried to take back', ['withdraw', 'approve'], false],
  ] as const)('after %s a mosaic is public: %s -> %s', async (_name, verbs, isPublic) => {
    const { id } = await publishSample(place.store, '1');
    const other = await publishSample(place.store, '2');
    for (const verb of verbs) await decide(id, verb);
    const expected = [other.id, ...(isPublic ? [id] : [])].sort();

    await reindex(ports());
    expect(await listed()).toEqual(expected);
    await catalogue.addMosaic(await publishSample(place.store, '1'));
    await catchUp(ports(), new Date(0));
    expect(await listed()).toEqual(expected);
  });

  it('hide a mosaic whose decisions cannot be read', async () => {
    const { id } = await publishSample(place.store, '1');
    await reindex(ports());
    await place.store.put(keys.decisions(id), new TextEncoder().encode('no JSON'));
    await catchUp(ports(), new Date(0));
    expect(await listed()).toEqual([]);
    expect(await reindex(ports())).toEqual({ count: 0 });
  });
});

describe('catching up', () => {
  it('adds what was written since, mosaics and answers', async () => {
    await reindex(ports());
    const mosaic = await publishSample(place.store, '1');
    await settle(mosaic.id);
    expect(await catchUp(ports(), new Date(Date.now() + 60_000))).toBe(0);
    expect(await catchUp(ports(), new Date(Date.now() - 60_000))).toBe(1);
    expect(await catalogue.get(mosaic.id)).toEqual({ mosaic, answer });
  });

  it('removes what was withdrawn although no message told of it', async () => {
    const { id } = await publishSample(place.store, '1');
    await reindex(ports());
    await decide(id, 'withdraw');
    await place.store.delete(keys.mosaicRecord(id));
    expect(await catchUp(ports(), new Date(Date.now() - 60_000))).toBe(1);
    expect(await listed()).toEqual([]);
  });

  it('shows again what was held and then approved', async () => {
    const { id } = await publishSample(place.store, '1');
    await decide(id, 'hold');
    await catchUp(ports(), new Date(0));
    expect(await listed()).toEqual([]);
    await decide(id, 'approve');
    await catchUp(ports(), new Date(0));
    expect(await listed()).toEqual([id]);
  });
});

describe('the snapshot', () => {
  const always = { snapshotAfter: 1 };
  /** The ports, and the keys of the records that were read through them. */
  const watched = () => {
    const read: string[] = [];
    const store = {
      ...place.store,
      get: (...given: Parameters<typeof place.store.get>) => {
        if (given[0].key.endsWith('.json')) read.push(given[0].key);
        return place.store.get(...given);
      },
    };
    return { ports: { ...ports(), store }, read };
  };
  const parts = async () => {
    const found = [];
    for await (const { key } of place.store.list(defaultBucketNames.outSmall, {
      prefix: prefixes.snapshots,
    })) {
      found.push({ bucket: defaultBucketNames.outSmall, key });
    }
    return found;
  };
  const contents = async () => {
    const texts = (await parts()).map(async (ref) =>
      gunzipSync((await place.store.get(ref)).bytes).toString(),
    );
    return (await Promise.all(texts)).join('\n');
  };

  it.each([
    ['a rebuild', () => reindex(ports(), always)],
    ['catching up', () => catchUp(ports(), new Date(), always)],
  ])('taken by %s saves reading the records', async (_name, take) => {
    const mosaics = await publishMany(40);
    await settle(mosaics[7]!.id);
    await decide(mosaics[8]!.id, 'approve');
    await take();
    const { ports, read } = watched();
    expect(await reindex(ports)).toEqual({ count: 40 });
    expect(read).toEqual([]);
    expect(await catalogue.get(mosaics[7]!.id)).toEqual({ mosaic: mosaics[7], answer });
  });

  it('is not believed about what changed since', async () => {
    const mosaics = await publishMany(40);
    await reindex(ports(), always);
    const redrawn = { ...mosaics[3]!, revision: 'ffffffffffffffff' };
    await writeRecord(place.store, keys.mosaicRecord(redrawn.id), mosaicRecordSchema, redrawn);
    await settle(mosaics[4]!.id);
    await decide(mosaics[5]!.id, 'withdraw');
    await place.store.delete(keys.mosaicRecord(mosaics[6]!.id));
    const added = await publishSample(place.store, 'added');

    const { ports: counted, read } = watched();
    expect(await reindex(counted)).toEqual({ count: 39 });
    expect(read.sort()).toEqual(
      [
        keys.mosaicRecord(redrawn.id).key,
        keys.answerRecord(mosaics[4]!.id).key,
        keys.decisions(mosaics[5]!.id).key,
        keys.mosaicRecord(added.id).key,
      ].sort(),
    );
    expect(await catalogue.get(redrawn.id)).toEqual({ mosaic: redrawn });
    expect(await catalogue.get(mosaics[4]!.id)).toMatchObject({ answer });
    expect(await catalogue.get(mosaics[5]!.id)).toBeUndefined();
    expect(await catalogue.get(mosaics[6]!.id)).toBeUndefined();
  });

  const damages = {
    lost: (ref: ObjectRef) => place.store.delete(ref),
    'no gzip': (ref: ObjectRef) => place.store.put(ref, new TextEncoder().encode('{}')),
    'cut off': async (ref: ObjectRef) =>
      place.store.put(ref, (await place.store.get(ref)).bytes.slice(0, -9)),
    'of another form': (ref: ObjectRef) =>
      place.store.put(ref, gzipSync('{"version":2,"requests":{}}')),
  };
  it.each(Object.entries(damages))(
    'costs nothing but time when it is %s',
    async (_name, damage) => {
      const mosaics = await publishMany(40);
      await reindex(ports(), always);
      for (const ref of await parts()) await damage(ref);
      expect(await reindex(ports(), always)).toEqual({ count: 40 });
      expect(await listed()).toEqual(mosaics.map(({ id }) => id).sort());
      // And it is whole again.
      const { ports: counted, read } = watched();
      await reindex(counted);
      expect(read).toEqual([]);
    },
  );

  it('is left as it is while little has changed', async () => {
    await publishMany(40);
    await reindex(ports());
    await catchUp(ports(), new Date(0));
    expect(await parts()).toEqual([]);
    await catchUp(ports(), new Date(), always);
    const etags = async () =>
      Promise.all((await parts()).map(async (ref) => (await place.store.head(ref))?.etag));
    const before = await etags();
    await publishSample(place.store, 'added');
    await catchUp(ports(), new Date(0));
    expect(await etags()).toEqual(before);
  });

  it('forgets what was withdrawn as soon as that is known', async () => {
    const mosaics = await publishMany(40);
    await reindex(ports(), always);
    const { id } = mosaics[3]!;
    expect(await contents()).toContain('alice/status/3"');
    await decide(id, 'withdraw');
    await catchUp(ports(), new Date(0));
    expect(await contents()).not.toContain('alice/status/3"');
  });

  it('holds nothing of who decided and why', async () => {
    const { id } = await publishSample(place.store, '1');
    await decide(id, 'approve');
    await reindex(ports(), always);
    expect(await contents()).toContain('approve');
    expect(await contents()).not.toContain('moderator');
  });

  it('is written by one of two that do so at the same time, and both go on', async () => {
    await publishMany(40);
    const other = createMemoryCatalogue();
    const both = [reindex(ports(), always), reindex({ ...ports(), catalogue: other }, always)];
    expect(await Promise.all(both)).toEqual([{ count: 40 }, { count: 40 }]);
    await other.close();
  });
});
