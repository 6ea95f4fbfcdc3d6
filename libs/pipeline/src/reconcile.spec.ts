import type { PublishedMosaic, QueueRole } from '@mosaicme/contracts';
import { reconcile, type KnownRawPhoto, type ReconcilePorts } from './reconcile';
import { writeRecord } from '@mosaicme/object-store';
import {
  answerRecordSchema,
  failureRecordSchema,
  heldRecordSchema,
  recordDecision,
} from '@mosaicme/requests';
import { submitRawPhoto, submitRequest } from './submit';
import {
  createPlace,
  keys,
  publishSample,
  sampleFailure,
  samplePhoto,
  sampleRequest,
} from './testing/place';

const photo = { bytes: new Uint8Array([1]), contentType: 'image/jpeg' };
const later = () => new Date(Date.now() + 3_600_000);
let place: Awaited<ReturnType<typeof createPlace>>;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.close());

/** A request whose message is lost. */
async function lostRequest(postId: string): Promise<string> {
  const request = sampleRequest(postId);
  await submitRequest(place.ports, request, photo);
  place.events.length = 0;
  return request.id;
}

/** A request of which nothing is left to do. */
async function settledRequest(postId: string): Promise<void> {
  await lostRequest(postId);
  const { id } = await publishSample(place.store, postId);
  await writeRecord(place.store, keys.answerRecord(id), answerRecordSchema, {
    id,
    answer: { status: 'not-answerable', reason: 'the post does not mention the bot' },
  });
}
const drawingOf = ({
  revision,
  picture,
  thumbnail,
  recipe,
  library,
  size,
  grid,
  distinctTiles,
}: PublishedMosaic) => ({
  revision,
  picture,
  thumbnail,
  recipe,
  library,
  size,
  grid,
  distinctTiles,
});
const fail = (id: string) =>
  writeRecord(place.store, keys.failureRecord(id), failureRecordSchema, sampleFailure(id));

const pass = (
  options: Partial<Parameters<typeof reconcile>[1]> = {},
  ports: Partial<ReconcilePorts> = {},
) =>
  reconcile(
    { ...place.ports, hasTile: () => false, ...ports },
    { minAgeMs: 600_000, now: later(), ...options },
  );
const announced = () => place.events.map(({ type, subject }) => `${type} ${subject}`);

it('republishes a request without a settled answer', async () => {
  const id = await lostRequest('1');
  expect(await pass()).toMatchObject({ requests: 1, rawPhotos: 0 });
  expect(announced()).toEqual([`mosaic.requested.v1 ${id}`]);
});

it('leaves alone what is settled, failed, or young', async () => {
  await settledRequest('1');
  await fail(await lostRequest('2'));
  await lostRequest('3');
  expect(await pass({ now: new Date() })).toMatchObject({ requests: 0 });
  expect(await pass()).toMatchObject({ requests: 1 });
});

it('republishes a raw photo that is in no pack, and no other', async () => {
  const inPack = samplePhoto('10').id;
  for (const postId of ['10', '11', '12']) {
    await submitRawPhoto(place.ports, { photo: samplePhoto(postId), library: 'default' }, photo);
  }
  place.events.length = 0;
  await fail(samplePhoto('12').id);
  const result = await pass({}, { hasTile: (id) => id === inPack });
  expect(result).toMatchObject({ requests: 0, rawPhotos: 1 });
  expect(announced()).toEqual([`photo.collected.v1 ${samplePhoto('11').id}`]);
});

it('republishes nothing twice within its age', async () => {
  await lostRequest('1');
  const known = new Map<string, number>();
  const now = later();
  expect(await pass({ republished: known, now })).toMatchObject({ requests: 1 });
  const soon = new Date(now.getTime() + 599_999);
  expect(await pass({ republished: known, now: soon })).toMatchObject({ requests: 0 });
  const then = new Date(now.getTime() + 600_000);
  expect(await pass({ republished: known, now: then })).toMatchObject({ requests: 1 });
});

it('republishes a raw photo to the library that lacks it, and to no other', async () => {
  for (const library of ['default', 'summer']) {
    await submitRawPhoto(place.ports, { photo: samplePhoto('10'), library }, photo);
  }
  place.events.length = 0;
  await pass({}, { hasTile: (_id, library) => library === 'default' });
  expect(place.events.map(({ data }) => data)).toMatchObject([{ library: 'summer' }]);
});

it('reads the record of a raw photo once', async () => {
  await submitRawPhoto(place.ports, { photo: samplePhoto('10'), library: 'default' }, photo);
  const rawPhotos = new Map<string, KnownRawPhoto>();
  const get = jest.fn(place.store.get);
  const ports = { hasTile: () => true, store: { ...place.store, get } };
  await pass({ rawPhotos }, ports);
  await pass({ rawPhotos }, ports);
  expect(get).toHaveBeenCalledTimes(1);
});

it('does not make a flood grow', async () => {
  await lostRequest('1');
  const waiting = (queue: QueueRole, ready: number) => ({
    messaging: {
      ...place.ports.messaging,
      depth: async (role: QueueRole) => ({ ready: role === queue ? ready : 0, dead: 0 }),
    },
  });
  expect(await pass({}, waiting('render', 101))).toMatchObject({ requests: 0 });
  expect(await pass({}, waiting('tiles', 101))).toMatchObject({ requests: 1 });
  expect(await pass({ maxBacklog: 101 }, waiting('publish', 101))).toMatchObject({ requests: 1 });
});

it('goes on behind a damaged record', async () => {
  const damaged = await lostRequest('1');
  const well = await lostRequest('2');
  await place.store.put(keys.requestRecord(damaged), new TextEncoder().encode('{'));
  expect(await pass()).toMatchObject({ requests: 1 });
  expect(announced()).toEqual([`mosaic.requested.v1 ${well}`]);
});

it('takes a request on from where it stands', async () => {
  const mosaic = await publishSample(place.store, '1');
  const held = await lostRequest('2');
  const rendered = { request: sampleRequest('2'), ...drawingOf(mosaic) };
  await writeRecord(place.store, keys.heldRecord(held), heldRecordSchema, {
    id: held,
    rendered,
    heldAt: '2026-01-01T00:00:02.000Z',
  });
  expect(await pass()).toMatchObject({ requests: 1 });
  const approve = { verb: 'approve', by: 'ada', at: '2026-01-01T00:00:03.000Z' } as const;
  await recordDecision(place.ports, held, approve);
  place.events.length = 0;
  expect(await pass()).toMatchObject({ requests: 2 });
  expect(announced().sort()).toEqual([
    `mosaic.published.v1 ${mosaic.id}`,
    `mosaic.rendered.v1 ${held}`,
  ]);
});

it.each(['reject', 'withdraw'] as const)('republishes nothing after a %s', async (verb) => {
  const id = await lostRequest('1');
  await recordDecision(place.ports, id, { verb, by: 'ada', at: '2026-01-01T00:00:03.000Z' });
  expect(await pass()).toMatchObject({ requests: 0 });
});
