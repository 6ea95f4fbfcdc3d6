import { defaultMastodonLimits, limitsOf, statusLength } from './limits';

it.each([
  ['', 0],
  ['hello', 5],
  ['日本', 2],
  ['👨‍👩‍👧', 1],
  ['é', 1],
  ['@alice hi', 9],
  ['@alice@remote.example hi', 9],
  [`https://example.org/${'long/'.repeat(20)}`, 23],
  ['see https://a.example now', 31],
])('counts %j as %i', (text, length) => {
  expect(statusLength(text)).toBe(length);
});

it('takes what the server says, and the usual for the rest', () => {
  const limits = limitsOf({
    statuses: { maxCharacters: 5_000, maxMediaAttachments: 4, charactersReservedPerUrl: 10 },
  } as Parameters<typeof limitsOf>[0]);
  expect(limits).toMatchObject({
    maxText: 5_000,
    pictureBytes: defaultMastodonLimits.pictureBytes,
    picturePixels: defaultMastodonLimits.picturePixels,
  });
  expect(limits.length('https://example.org/')).toBe(10);
  expect(limitsOf(undefined).maxText).toBe(500);
});
