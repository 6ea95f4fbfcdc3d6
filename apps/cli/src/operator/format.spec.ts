import { clip, formatAge, formatPause, formatTable } from './format';

it('aligns columns, numbers to the right', () => {
  expect(
    formatTable(
      ['QUEUE', 'READY', 'CODE'],
      [
        ['mosaic-in', 7, 'a'],
        ['raw', 1200, ''],
      ],
    ),
  ).toBe(['QUEUE      READY  CODE', 'mosaic-in      7  a', 'raw         1200'].join('\n'));
});

it('shows headings where there are no rows', () => {
  expect(formatTable(['A', 'B'], [])).toBe('A  B');
});

it('keeps a row on its line whatever strangers sent', () => {
  const table = formatTable(['REASON'], [['bad\r\n\u001b[2Jthing\u202egpj']]);
  expect(table.split('\n')).toHaveLength(2);
  expect(table).not.toMatch(/[^\P{C}\n]/u);
});

it.each([
  ['2026-01-01T00:00:00.000Z', '0 s'],
  ['2025-12-31T23:59:01Z', '59 s'],
  ['2025-12-31T23:58:59Z', '1 min'],
  ['2025-12-31T22:59:59Z', '1 h'],
  ['2025-12-20T00:00:00Z', '12 d'],
  ['2026-01-02T00:00:00Z', '0 s'],
])('an age since %s is %s', (from, age) => {
  expect(formatAge(new Date(from), new Date('2026-01-01T00:00:00Z'))).toBe(age);
});

it('has a sign for an age that is not known', () => {
  expect(formatAge(undefined, new Date())).toBe('-');
});

it.each([
  [250, '250 ms'],
  [30_000, '30 s'],
])('a pause of %d ms reads %s', (ms, text) => {
  expect(formatPause(ms)).toBe(text);
});

it.each([
  ['short', 'short'],
  ['as long as it may be', 'as long as it may be'],
  ['longer than it may be', 'longer than it may …'],
])('of %j the table shows %j', (text, shown) => {
  expect(clip(text, 20)).toBe(shown);
});
