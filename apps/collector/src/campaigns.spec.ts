import { campaignSchema, type Campaign } from '@mosaicme/campaigns';
import { destinationsOf, librariesOf, tagsToFollow, wantedFrom } from './campaigns';

const now = new Date('2026-06-01T12:00:00Z');
const campaign = (slug: string, more: object = {}): Campaign =>
  campaignSchema.parse({ slug, state: 'open', ...more });
const tagged = (requests: string[], tiles: string[] = []) => ({
  hashtags: { x: { requests, tiles } },
});
const postOf = (tags: string[], postedAt = now) => ({ tags, postedAt });

describe('wantedFrom', () => {
  it('takes the variables for the campaign default, unless its record names hashtags', () => {
    const wants = (given: Campaign) =>
      wantedFrom([given], 'x', 'requests', ['mosaicme']).map(({ tags }) => tags);
    expect(wants(campaign('default'))).toEqual([['mosaicme']]);
    expect(wants(campaign('default', tagged(['wall'])))).toEqual([['wall']]);
    expect(wants(campaign('expo'))).toEqual([]);
  });

  it('tells requests from tiles, and one network from another', () => {
    const expo = campaign('expo', tagged(['expo'], ['clouds']));
    expect(wantedFrom([expo], 'x', 'raw photos', [])[0]?.tags).toEqual(['clouds']);
    expect(wantedFrom([expo], 'mastodon', 'requests', [])).toEqual([]);
  });
});

it('follows each hashtag of the open campaigns once', () => {
  const wanted = wantedFrom(
    [
      campaign('a', tagged(['Wall', 'expo'])),
      campaign('b', tagged(['wall'])),
      campaign('c', { ...tagged(['later']), state: 'draft' }),
      campaign('d', { ...tagged(['over']), closesAt: '2026-06-01T11:00:00Z' }),
    ],
    'x',
    'requests',
    [],
  );
  expect(tagsToFollow(wanted, now)).toEqual(['expo', 'wall']);
});

describe('destinationsOf', () => {
  const before = new Date('2026-06-01T10:00:00Z');
  const closed = campaign('shut', { ...tagged(['shut']), closesAt: '2026-06-01T11:00:00Z' });
  const wanted = wantedFrom(
    [
      campaign('a', tagged(['café'])),
      campaign('b', tagged(['CAFE', 'wall'])),
      closed,
      campaign('old', { ...tagged(['wall']), state: 'archived' }),
    ],
    'x',
    'requests',
    [],
  );
  it.each([
    [
      'every campaign that wants it',
      postOf(['Café']),
      [
        ['a', true],
        ['b', true],
      ],
    ],
    ['none for another hashtag', postOf(['other']), []],
    ['a closed one, when it was posted before', postOf(['shut'], before), [['shut', true]]],
    ['a closed one that is told late', postOf(['shut']), [['shut', false]]],
    ['no archived one', postOf(['wall']), [['b', true]]],
  ])('%s', (_name, post, expected) => {
    expect(
      destinationsOf(post, wanted, now).map(({ campaign: { slug }, isOpen }) => [slug, isOpen]),
    ).toEqual(expected);
  });
});

it('brings a photo into each library once', () => {
  const all = [campaign('a'), campaign('b'), campaign('c', { library: 'own' })];
  expect(librariesOf(all.map((each) => ({ campaign: each, isOpen: true })))).toEqual([
    'default',
    'c',
  ]);
});
