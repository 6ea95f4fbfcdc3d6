import { readRecord } from '@mosaicme/object-store';
import { decisionLogSchema, readDecisions, standingOf } from '@mosaicme/requests';
import { createCarryOut, type CarryOut } from './carry-out';
import { createPlace, first, keys, photoOf, requestOf, second } from './testing/place';

let place: Awaited<ReturnType<typeof createPlace>>;
let tiles: Set<string>;
let carryOut: CarryOut;
beforeEach(async () => {
  place = await createPlace();
  tiles = new Set();
  carryOut = createCarryOut({
    ...place.ports,
    tiles: {
      hasAnywhere: (id) => tiles.has(id),
      refresh: async () => undefined,
      // Tombstones count as known.
      remove: async (ids) => ids.forEach((id) => tiles.add(id)),
    },
  });
});
afterEach(() => place.close());

const told = () => place.events.map(({ type, subject }) => `${type} ${subject}`);
const outcomeOf = async (id: string) =>
  (await readRecord(place.store, keys.decisions(id), decisionLogSchema))?.record.outcome;
const recordsOf = (id: string) => [
  keys.requestRecord(id),
  keys.requestPhoto(id),
  keys.target(id),
  keys.mosaicRecord(id),
  keys.heldRecord(id),
  keys.rawRecord(id),
  keys.rawPhoto(id),
];
const carry = async (id: string, verb: Parameters<typeof place.decide>[1]) => {
  await place.decide(id, verb);
  return carryOut.decision(id);
};

describe('a withdrawn request', () => {
  it('is gone with everything that was made of it, and the catalogue hears of it', async () => {
    const request = await place.submitted('1');
    const drawing = [...(await place.draw(request, first)), ...(await place.draw(request, second))];
    await place.publish(request, first);
    expect(await carry(request.id, 'withdraw')).toBe('withdrawn');
    expect(await place.left([...recordsOf(request.id), ...drawing])).toBe(0);
    expect(place.events.map(({ data }) => data)).toEqual([
      {
        id: request.id,
        campaign: 'default',
        post: { network: 'x', instance: 'x.com', postId: '1' },
      },
    ]);
    expect(await outcomeOf(request.id)).toMatchObject({ removed: ['mosaic', 'request'] });
  });

  it('takes its photo out of the tiles', async () => {
    const request = await place.submitted('1');
    const raw = await place.collected('1');
    await carry(request.id, 'withdraw');
    expect(await place.left([...recordsOf(request.id), ...recordsOf(raw.id)])).toBe(0);
    expect(tiles).toContain(raw.id);
    expect(standingOf(await readDecisions(place.ports, raw.id))).toBe('withdrawn');
  });

  it('keeps its tombstone, also where the photo never was a tile', async () => {
    const request = await place.submitted('1');
    await carry(request.id, 'withdraw');
    expect(standingOf(await readDecisions(place.ports, request.photo.id))).toBe('withdrawn');
  });

  it('may be withdrawn again', async () => {
    const request = await place.submitted('1');
    await place.draw(request, first);
    await place.publish(request, first);
    await carry(request.id, 'withdraw');
    await carryOut.decision(request.id);
    expect(await outcomeOf(request.id)).toMatchObject({ removed: ['mosaic', 'request'] });
  });

  it('is withdrawn although a record of it is damaged', async () => {
    const request = await place.submitted('1');
    await place.store.put(keys.mosaicRecord(request.id), new TextEncoder().encode('{'));
    await carry(request.id, 'withdraw');
    expect(await place.left(recordsOf(request.id))).toBe(0);
  });

  it('is withdrawn once more when something of it comes late', async () => {
    const request = await place.submitted('1');
    await carry(request.id, 'withdraw');
    const drawing = await place.draw(request, first);
    await place.publish(request, first);
    await carryOut.again([request.id], new Date(0));
    expect(await place.left([...recordsOf(request.id), ...drawing])).toBe(0);
  });
});

describe('a withdrawn photo', () => {
  it('has every mosaic drawn anew that used it, and no other', async () => {
    const photo = await place.collected('9');
    tiles.add(photo.id);
    for (const postId of ['1', '2', '3']) {
      const request = await place.submitted(postId);
      await place.draw(request, first, postId === '3' ? [photoOf('8').id] : [photo.id]);
      await place.publish(request, first);
    }
    await carry(photo.id, 'withdraw');
    const ids = ['1', '2'].map((postId) => requestOf(postId).id);
    expect(place.events.map(({ type, data }) => ({ type, ...data }))).toEqual(
      expect.arrayContaining(
        ids.map((id) =>
          expect.objectContaining({
            type: 'mosaic.requested.v1',
            request: expect.objectContaining({ id }),
            replaces: first,
          }),
        ),
      ),
    );
    expect(place.events).toHaveLength(2);
    const outcome = await outcomeOf(photo.id);
    expect(outcome?.removed).toEqual(['tile']);
    expect(outcome?.redrawn.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(await place.left(recordsOf(photo.id))).toBe(0);
  });

  it('has a drawing replaced that is still to be published', async () => {
    const photo = await place.collected('9');
    const request = await place.submitted('1');
    await place.draw(request, first, [photo.id]);
    await carry(photo.id, 'withdraw');
    expect(place.events.map(({ data }) => data)).toMatchObject([{ replaces: first }]);
  });

  it('has a drawing thrown away that was put aside, and drawn anew', async () => {
    const photo = await place.collected('9');
    const request = await place.submitted('1');
    const drawing = await place.draw(request, first, [photo.id]);
    await place.putAside(request, first);
    await carry(photo.id, 'withdraw');
    expect(await place.left([...drawing, keys.heldRecord(request.id)])).toBe(0);
    expect(told()).toEqual([`mosaic.requested.v1 ${request.id}`]);
    expect(place.events[0]?.data).not.toHaveProperty('replaces');
  });

  it('has a mosaic taken down that cannot be drawn anew', async () => {
    const photo = await place.collected('9');
    const request = await place.submitted('1');
    const drawing = await place.draw(request, first, [photo.id]);
    await place.publish(request, first);
    await place.store.delete(keys.requestPhoto(request.id));
    await carry(photo.id, 'withdraw');
    expect(await place.left([...drawing, keys.mosaicRecord(request.id)])).toBe(0);
    expect(told()).toEqual([`mosaic.withdrawn.v1 ${request.id}`]);
  });

  it('leaves a drawing alone that was replaced already', async () => {
    const photo = await place.collected('9');
    const request = await place.submitted('1');
    await place.draw(request, first, [photo.id]);
    await place.draw(request, second);
    await place.publish(request, second);
    await carry(photo.id, 'withdraw');
    expect(place.events).toEqual([]);
  });

  it('is found in a drawing that an engine made meanwhile', async () => {
    const photo = await place.collected('9');
    await carry(photo.id, 'withdraw');
    const request = await place.submitted('1');
    await place.draw(request, first, [photo.id]);
    await place.publish(request, first);
    await carryOut.again([photo.id], new Date(0));
    expect(place.events.map(({ data }) => data)).toMatchObject([{ replaces: first }]);
  });

  it('has each recipe read once, however often it is looked for', async () => {
    const photo = await place.collected('9');
    await place.draw(await place.submitted('1'), first);
    await carry(photo.id, 'withdraw');
    const get = jest.spyOn(place.ports.store, 'get');
    await carryOut.again([photo.id], new Date(0));
    expect(get.mock.calls.filter(([{ key }]) => key.endsWith('.recipe'))).toEqual([]);
  });

  it('is found in a new drawing also beside one that was looked for before', async () => {
    const [one, other] = [await place.collected('8'), await place.collected('9')];
    await carry(one.id, 'withdraw');
    await carry(other.id, 'withdraw');
    await carryOut.again([one.id, other.id], new Date(0));
    const request = await place.submitted('1');
    await place.draw(request, first, [other.id]);
    await carryOut.again([one.id], new Date(0));
    await carryOut.again([one.id, other.id], new Date(0));
    expect(told()).toEqual([`mosaic.requested.v1 ${request.id}`]);
  });

  it('shares one look at the recipes with others', async () => {
    const photos = await Promise.all(['7', '8', '9'].map((postId) => place.collected(postId)));
    const request = await place.submitted('1');
    await place.draw(
      request,
      first,
      photos.map(({ id }) => id),
    );
    await place.publish(request, first);
    for (const { id } of photos) await place.decide(id, 'withdraw');
    await Promise.all(photos.map(({ id }) => carryOut.decision(id)));
    expect(told()).toEqual([`mosaic.requested.v1 ${request.id}`]);
  });
});

it('takes a rejected mosaic out of the public, and draws it again when it is approved', async () => {
  const request = await place.submitted('1');
  const drawing = await place.draw(request, first);
  await place.publish(request, first);
  await carry(request.id, 'reject');
  expect(await place.left([...drawing, keys.mosaicRecord(request.id)])).toBe(0);
  expect(await place.left([keys.requestRecord(request.id), keys.requestPhoto(request.id)])).toBe(2);
  await carry(request.id, 'approve');
  expect(told()).toEqual([
    `mosaic.withdrawn.v1 ${request.id}`,
    `mosaic.requested.v1 ${request.id}`,
  ]);
});

it('publishes what was put aside when it is approved', async () => {
  const request = await place.submitted('1');
  await place.draw(request, first);
  await place.putAside(request, first);
  await carry(request.id, 'approve');
  expect(told()).toEqual([`mosaic.rendered.v1 ${request.id}`]);
});

it('leaves a mosaic alone that is approved and public', async () => {
  const request = await place.submitted('1');
  await place.publish(request, first);
  await carry(request.id, 'approve');
  expect(told()).toEqual([]);
});

it('does nothing about an id about which nothing was decided', async () => {
  expect(await carryOut.decision('e'.repeat(32))).toBe('undecided');
  expect(told()).toEqual([]);
});
