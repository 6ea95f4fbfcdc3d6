import { campaignSchema, type Campaign } from '@mosaicme/campaigns';
import type { z } from 'zod';
import { isPublic, onFirstPage, uploadPath, viewOf } from './view';

const now = new Date('2026-06-01T12:00:00Z');
const settings = { title: 'MosaicMe', hashtag: 'mosaicme' };
const campaign = (fields: z.input<typeof campaignSchema>): Campaign => campaignSchema.parse(fields);

describe('a campaign', () => {
  it('says what its record says', () => {
    const record = campaign({
      slug: 'summer',
      title: 'Summer Fest',
      state: 'open',
      hashtags: {
        x: { requests: ['SummerFest', 'fest'] },
        mastodon: { requests: ['summerfest', 'mosaic'] },
      },
    });
    expect(viewOf(record, settings, now)).toEqual({
      slug: 'summer',
      title: 'Summer Fest',
      hashtags: ['SummerFest', 'fest', 'mosaic'],
      state: 'open',
      timeZone: 'UTC',
    });
  });

  it('without title or hashtags has its slug and none', () => {
    const view = viewOf(campaign({ slug: 'summer' }), settings, now);
    expect(view).toMatchObject({ title: 'summer', hashtags: [], state: 'draft' });
    expect(isPublic(view)).toBe(false);
  });

  it('named default has what the variables say', () => {
    expect(viewOf(campaign({ slug: 'default', state: 'open' }), settings, now)).toMatchObject({
      title: 'MosaicMe',
      hashtags: ['mosaicme'],
    });
    expect(uploadPath('default')).toBe('/upload');
    expect(uploadPath('summer')).toBe('/c/summer/upload');
  });

  it('is closed once its time is over', () => {
    const over = campaign({ slug: 'a', state: 'open', closesAt: '2026-06-01T11:59:00Z' });
    expect(viewOf(over, settings, now).state).toBe('closed');
  });
});

it.each([
  [['open'], [0]],
  [['closed'], [0]],
  [
    ['open', 'open', 'closed', 'draft', 'scheduled', 'archived'],
    [0, 1],
  ],
  [
    ['closed', 'draft', 'closed', 'scheduled', 'archived'],
    [0, 2],
  ],
  [['draft', 'archived'], []],
] as const)('of %j the first page shows %j', (states, shown) => {
  const views = states.map((state, index) => ({
    slug: `c${index}`,
    title: '',
    hashtags: [],
    state,
    timeZone: 'UTC',
  }));
  expect(onFirstPage(views).map(({ slug }) => slug)).toEqual(shown.map((index) => `c${index}`));
});
