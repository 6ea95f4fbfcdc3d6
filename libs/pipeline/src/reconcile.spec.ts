import type { QueueRole } from '@mosaicme/contracts';
import { reconcile, type ReconcilePorts } from './reconcile';
import { writeRecord } from '@mosaicme/object-store';
import { answerRecordSchema, failureRecordSchema } from '@mosaicme/requests';
import { submitRawPhoto, submitRequest } from './submit';
import { createPlace, keys, sampleFailure, samplePhoto, sampleRequest } from './testing/place';

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

const settle = (id: string) =>
  writeRecord(place.store, keys.answerRecord(id), answerRecordSchema, {
    id,
    answer: { status: 'not-answerable', reason: 'the post does not mention the bot' },
  });
const giveUp = (id: string) =>
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

it('announces a request without a settled answer again', async () => {
  const id = await lostRequest('1');
  expect(await pass()).toMatchObject({ requests: 1, rawPhotos: 0 });
  expect(announced()).toEqual([`mosaic.requested.v1 ${id}`]);
});

it('leaves alone what is settled, failed, or young', async () => {
  await settle(await lostRequest('1'));
  await giveUp(await lostRequest('2'));
  await lostRequest('3');
  expect(await pass({ now: new Date() })).toMatchObject({ requests: 0 });
  expect(await pass()).toMatchObject({ requests: 1 });
});

it('announces a raw photo that is in no pack, and no other', async () => {
  const inPack = samplePhoto('10').id;
  for (const postId of ['10', '11', '12']) {
    await submitRawPhoto(place.ports, { photo: samplePhoto(postId), library: 'default' }, photo);
  }
  place.events.length = 0;
  await giveUp(samplePhoto('12').id);
  const result = await pass({}, { hasTile: (id) => id === inPack });
  expect(result).toMatchObject({ requests: 0, rawPhotos: 1 });
  expect(announced()).toEqual([`photo.collected.v1 ${samplePhoto('11').id}`]);
});

it('announces nothing twice within its age', async () => {
  await lostRequest('1');
  const known = new Map<string, number>();
  const now = later();
  expect(await pass({ announced: known, now })).toMatchObject({ requests: 1 });
  const soon = new Date(now.getTime() + 599_999);
  expect(await pass({ announced: known, now: soon })).toMatchObject({ requests: 0 });
  const then = new Date(now.getTime() + 600_000);
  expect(await pass({ announced: known, now: then })).toMatchObject({ requests: 1 });
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

it('sweeps the work of settled requests, and no other', async () => {
  const [settled, open, failed] = [
    await lostRequest('1'),
    await lostRequest('2'),
    await lostRequest('3'),
  ];
  await settle(settled);
  await giveUp(failed);
  for (const id of [settled, open, failed]) {
    await place.store.put(keys.target(id), photo.bytes);
  }
  expect(await pass({ now: new Date() })).toMatchObject({ workObjects: 0 });
  expect(await pass()).toMatchObject({ workObjects: 1 });
  const left: string[] = [];
  for await (const { key } of place.store.list(place.ports.buckets.work)) left.push(key);
  expect(left.map((key) => key.split('/')[0]).sort()).toEqual([open, failed].sort());
});

it('forgets a failure whose replay went well', async () => {
  const id = await lostRequest('1');
  await giveUp(id);
  await settle(id);
  await pass();
  expect(await place.store.head(keys.failureRecord(id))).toBeUndefined();
});
