import fc from 'fast-check';
import { fromCursor, newestFirst, toCursor, type Position } from './position';

const positions: fc.Arbitrary<Position> = fc.record({
  publishedAt: fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
});

it('reads every cursor back', () => {
  fc.assert(
    fc.property(positions, (position) => {
      const cursor = toCursor(position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(fromCursor(cursor)).toEqual(position);
    }),
  );
});

it('orders any positions without a contradiction', () => {
  fc.assert(
    fc.property(positions, positions, positions, (a, b, c) => {
      expect(Math.sign(newestFirst(a, b))).toBe(-Math.sign(newestFirst(b, a)) + 0);
      const [first, second, third] = [a, b, c].sort(newestFirst);
      if (!first || !second || !third) throw new Error('three went in');
      expect(newestFirst(first, second)).toBeLessThanOrEqual(0);
      expect(newestFirst(first, third)).toBeLessThanOrEqual(0);
    }),
  );
});

it('puts the newer first, and of the same time the greater id', () => {
  const older = { publishedAt: 1, id: 'f' };
  const newer = { publishedAt: 2, id: 'a' };
  const same = { publishedAt: 2, id: 'b' };
  expect([older, newer, same].sort(newestFirst)).toEqual([same, newer, older]);
});
