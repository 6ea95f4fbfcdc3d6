import type { CampaignState } from './schema';
import { campaignSchema } from './schema';
import { libraryOf, stateAt } from './state';

const now = new Date('2026-06-01T12:00:00Z');
const before = '2026-06-01T11:00:00Z';
const after = '2026-06-01T13:00:00Z';

it.each<[CampaignState, string | undefined, string | undefined, CampaignState]>([
  ['draft', before, undefined, 'draft'],
  ['scheduled', before, undefined, 'open'],
  ['scheduled', after, undefined, 'scheduled'],
  ['scheduled', before, before, 'closed'],
  ['open', undefined, undefined, 'open'],
  ['open', undefined, after, 'open'],
  ['open', undefined, before, 'closed'],
  ['closed', before, after, 'closed'],
  ['archived', before, after, 'archived'],
])(
  'a campaign that is %s, opens at %s and closes at %s is %s',
  (state, opensAt, closesAt, seen) => {
    const times = { ...(opensAt && { opensAt }), ...(closesAt && { closesAt }) };
    expect(stateAt({ state, ...times }, now)).toBe(seen);
  },
);

it.each([
  ['own', 'expo'],
  ['shared', 'default'],
] as const)('makes mosaics of the %s library', (library, name) => {
  expect(libraryOf({ slug: 'expo', library })).toBe(name);
});

it.each([
  [{ slug: 'Expo' }, 'slug'],
  [{ slug: 'a', timeZone: 'Mars/Olympus' }, 'timeZone'],
  [{ slug: 'a', opensAt: after, closesAt: before }, 'closesAt'],
  [{ slug: 'a', state: 'scheduled' }, 'opensAt'],
  [{ slug: 'a', style: { cells: 1 } }, 'style.cells'],
  [{ slug: 'a', hashtags: { facebook: {} } }, 'hashtags'],
  [{ slug: 'a', colour: 'red' }, ''],
])('refuses %j, naming the place', (record, place) => {
  const { success, error } = campaignSchema.safeParse(record);
  expect(success).toBe(false);
  expect(error?.issues.map(({ path }) => path.join('.'))).toContain(place);
});
