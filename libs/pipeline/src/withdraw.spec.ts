import { readDecisions, standingOf } from '@mosaicme/requests';
import { submitRawPhoto, submitRequest } from './submit';
import { createPlace, samplePhoto, sampleRequest } from './testing/place';
import { decide, findSubjects, parseTarget, withdraw } from './withdraw';

const photo = { bytes: new Uint8Array([1]), contentType: 'image/jpeg' };
const decision = { by: 'ada', at: '2026-01-01T00:00:00.000Z', why: 'asked for it' };
let place: Awaited<ReturnType<typeof createPlace>>;
beforeEach(async () => {
  place = await createPlace();
});
afterEach(() => place.close());

async function requested(postId: string) {
  const request = sampleRequest(postId);
  await submitRequest(place.ports, request, photo);
  return request;
}
async function collected(postId: string) {
  const raw = samplePhoto(postId);
  await submitRawPhoto(place.ports, { photo: raw, library: 'default' }, photo);
  return raw;
}
const told = () =>
  place.events.filter(({ type }) => type === 'decision.recorded.v1').map(({ subject }) => subject);
const standing = async (id: string) => standingOf(await readDecisions(place.ports, id));

it.each([
  ['a'.repeat(32), { kind: 'id', id: 'a'.repeat(32) }],
  ['x:@ada', { kind: 'author', network: 'x', handle: 'ada' }],
  [
    'mastodon:@ada@social.example',
    { kind: 'author', network: 'mastodon', handle: 'ada@social.example' },
  ],
  ['x:x.com:12', { kind: 'post', network: 'x', instance: 'x.com', postId: '12' }],
  [
    'mastodon:social.example:https://social.example/users/ada/statuses/1',
    {
      kind: 'post',
      network: 'mastodon',
      instance: 'social.example',
      postId: 'https://social.example/users/ada/statuses/1',
    },
  ],
  [
    'https://twitter.com/ada/status/12?s=20',
    { kind: 'post', network: 'x', instance: 'x.com', postId: '12' },
  ],
  ['https://social.example/@ada/1', { kind: 'link', link: 'https://social.example/@ada/1' }],
])('understands %s', (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

it.each(['', 'ada', '@ada', 'x:', 'x:@', 'x:12', 'nowhere:@ada', 'https://'])(
  'says what it understands instead of %j',
  (text) => {
    expect(() => parseTarget(text)).toThrow(/names nothing.*x:@ada/);
  },
);

it('finds the request and the tile of a post', async () => {
  const request = await requested('1');
  const raw = await collected('1');
  await requested('2');
  const { ids } = await findSubjects(place.ports, parseTarget('https://x.com/alice/status/1'));
  expect([...ids].sort()).toEqual([raw.id, request.id].sort());
});

it('finds by the link what no rule can take it apart for', async () => {
  const request = await requested('1');
  const found = await findSubjects(place.ports, {
    kind: 'link',
    link: 'https://X.com/alice/status/1/?utm=1',
  });
  expect(found.ids).toContain(request.id);
});

it('finds everything of an author', async () => {
  const [request, raw] = [await requested('1'), await collected('2')];
  const found = await findSubjects(place.ports, parseTarget('x:@ALICE'));
  expect([...found.ids].sort()).toEqual([request.id, request.photo.id, raw.id].sort());
  expect(found.authors).toMatchObject([{ author: { id: '1', handle: 'alice' } }]);
});

it('withdraws a request by its id, and its photo with it', async () => {
  const request = await requested('1');
  await withdraw(place.ports, { kind: 'id', id: request.id }, decision);
  expect(await standing(request.id)).toBe('withdrawn');
  expect(await standing(request.photo.id)).toBe('withdrawn');
  expect(told().sort()).toEqual([request.id, request.photo.id].sort());
});

it('can be repeated, also when everything is gone', async () => {
  const request = await requested('1');
  const target = parseTarget('x:x.com:1');
  await withdraw(place.ports, target, decision);
  await place.store.delete(place.ports.keys.requestRecord(request.id));
  const { ids } = await withdraw(place.ports, target, decision);
  expect([...ids].sort()).toEqual([request.id, request.photo.id].sort());
  expect(await readDecisions(place.ports, request.id)).toHaveLength(1);
});

it('can be repeated for an author of whom nothing is left', async () => {
  const raw = await collected('1');
  const target = parseTarget('x:@alice');
  await withdraw(place.ports, target, decision);
  await place.store.delete(place.ports.keys.rawRecord(raw.id));
  expect(await withdraw(place.ports, target, decision)).toEqual({ ids: [], authors: [] });
});

it.each(['x:x.com:404', 'x:@nobody', 'f'.repeat(32), 'https://social.example/@ada/1'])(
  'says that nothing is known of %s, and records nothing',
  async (text) => {
    await requested('1');
    await expect(withdraw(place.ports, parseTarget(text), decision)).rejects.toMatchObject({
      code: 'decision.unknown',
    });
    expect(told()).toEqual([]);
  },
);

it('decides about one request and leaves its photo alone', async () => {
  const request = await requested('1');
  await decide(place.ports, request.id, { ...decision, verb: 'reject' });
  expect(await standing(request.id)).toBe('rejected');
  expect(await standing(request.photo.id)).toBe('undecided');
  expect(told()).toEqual([request.id]);
});

it('refuses to decide about an unknown id', async () => {
  await expect(
    decide(place.ports, 'f'.repeat(32), { ...decision, verb: 'hold' }),
  ).rejects.toMatchObject({ code: 'decision.unknown' });
});
