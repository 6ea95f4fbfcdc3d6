import { createMemoryCatalogue, type Catalogue } from '@mosaicme/catalogue';
import { TransientError } from '@mosaicme/errors';
import { writeRecord } from '@mosaicme/object-store';
import { answerRecordSchema, failureRecordSchema } from '@mosaicme/requests';
import { catchUp, reindex } from './reindex';
import { createPlace, keys, publishSample, sampleFailure, samplePhoto } from './testing/place';

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
const giveUp = (id: string) =>
  writeRecord(place.store, keys.failureRecord(id), failureRecordSchema, sampleFailure(id));
const settle = (id: string) =>
  writeRecord(place.store, keys.answerRecord(id), answerRecordSchema, { id, answer });

it('restores every mosaic, its answer, and the failures', async () => {
  const mosaics = [];
  for (let post = 0; post < 40; post++) mosaics.push(await publishSample(place.store, `${post}`));
  await settle(mosaics[7]!.id);
  const failed = samplePhoto('failed').id;
  await giveUp(failed);

  expect(await reindex(ports())).toEqual({ count: 40 });
  expect(await listed()).toEqual(mosaics.map(({ id }) => id).sort());
  expect(await catalogue.get(mosaics[7]!.id)).toEqual({ mosaic: mosaics[7], answer });
  expect(await catalogue.getFailure(failed)).toMatchObject({ id: failed, code: 'image.truncated' });
});

it('does not show a failure whose replay went well', async () => {
  const { id } = await publishSample(place.store, '1');
  await giveUp(id);
  await settle(id);
  await reindex(ports());
  expect(await catalogue.getFailure(id)).toBeUndefined();
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

it('catches up with what was written since, mosaics, answers and failures', async () => {
  await reindex(ports());
  const mosaic = await publishSample(place.store, '1');
  await settle(mosaic.id);
  const failed = samplePhoto('failed').id;
  await giveUp(failed);

  expect(await catchUp(ports(), new Date(Date.now() + 60_000))).toBe(0);
  expect(await catchUp(ports(), new Date(Date.now() - 60_000))).toBe(2);
  expect(await catalogue.get(mosaic.id)).toEqual({ mosaic, answer });
  expect(await catalogue.getFailure(failed)).toMatchObject({ id: failed });
});
