import { TransientError } from '@mosaicme/errors';
import { readRecord } from '@mosaicme/object-store';
import {
  createAuthorStandings,
  recordAuthorDecision,
  recordDecision,
  requestRecordSchema,
} from '@mosaicme/requests';
import { submitRawPhoto, submitRequest } from './submit';
import { createPlace, keys, samplePhoto, sampleRequest } from './testing/place';

const photo = { bytes: new Uint8Array([1, 2, 3]), contentType: 'image/jpeg' };
let place: Awaited<ReturnType<typeof createPlace>>;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.close());

/** The store, noting the keys that are written in their order. */
function watched(written: string[]) {
  const { store } = place;
  return {
    ...store,
    put: (...parameters: Parameters<typeof store.put>) => {
      written.push(parameters[0].key);
      return store.put(...parameters);
    },
  };
}

it('stores photo, then record, then announces a request', async () => {
  const order: string[] = [];
  const messaging = { publish: async (event: { type: string }) => void order.push(event.type) };
  const request = sampleRequest('1');
  await submitRequest({ ...place.ports, store: watched(order), messaging }, request, photo);
  const folder = `requests/${request.id}`;
  expect(order).toEqual([`${folder}/photo`, `${folder}/request.json`, 'mosaic.requested.v1']);
});

it('stores photo, then record, then announces a raw photo', async () => {
  const order: string[] = [];
  const messaging = { publish: async (event: { type: string }) => void order.push(event.type) };
  const raw = samplePhoto('2');
  await submitRawPhoto(
    { ...place.ports, store: watched(order), messaging },
    { photo: raw, library: 'default' },
    photo,
  );
  expect(order).toEqual([
    `photos/${raw.id}/photo`,
    `photos/${raw.id}/photo.json`,
    'photo.collected.v1',
  ]);
});

it('leaves a record that can be announced later when the broker is away', async () => {
  const messaging = {
    publish: async () => {
      throw new TransientError('messaging.timeout', 'The broker is away.');
    },
  };
  const request = sampleRequest('3');
  await expect(submitRequest({ ...place.ports, messaging }, request, photo)).rejects.toMatchObject({
    code: 'messaging.timeout',
  });
  const found = await readRecord(place.store, keys.requestRecord(request.id), requestRecordSchema);
  expect(found?.record.request).toEqual(request);
});

it('puts the photo, and only the photo, into a bucket of its own', async () => {
  await place.store.ensureBucket('elsewhere');
  const request = sampleRequest('4');
  await submitRequest(place.ports, request, photo, 'elsewhere');
  const found = await readRecord(place.store, keys.requestRecord(request.id), requestRecordSchema);
  expect(found?.record.object).toEqual({
    ...keys.requestPhoto(request.id),
    bucket: 'elsewhere',
  });
  const { object } = found!.record;
  expect((await place.store.get(object)).bytes).toEqual(photo.bytes);
});

describe('the gate', () => {
  const decision = { verb: 'withdraw', by: 'ada', at: '2026-01-01T00:00:00.000Z' } as const;

  it('stores and announces nothing of a photo that was withdrawn', async () => {
    const request = sampleRequest('5');
    await recordDecision(place.ports, request.photo.id, decision);
    expect(await submitRequest(place.ports, request, photo)).toBe('withdrawn');
    const raw = { photo: request.photo, library: 'default' };
    expect(await submitRawPhoto(place.ports, raw, photo)).toBe('withdrawn');
    expect(await place.store.head(keys.requestPhoto(request.id))).toBeUndefined();
    expect(await place.store.head(keys.rawPhoto(request.photo.id))).toBeUndefined();
    expect(place.events).toEqual([]);
  });

  it('takes nothing of an author who was withdrawn', async () => {
    await recordAuthorDecision(place.ports, samplePhoto('6'), decision);
    const authors = createAuthorStandings(place.ports, { maxAgeMs: 0 });
    const ports = { ...place.ports, authors };
    expect(await submitRequest(ports, sampleRequest('6'), photo)).toBe('withdrawn');
  });

  it.each(['hold', 'reject'] as const)(
    'takes what was decided to %s, to be decided anew',
    async (verb) => {
      const request = sampleRequest('7');
      await recordDecision(place.ports, request.photo.id, { ...decision, verb });
      expect(await submitRequest(place.ports, request, photo)).toBe('submitted');
    },
  );
});
