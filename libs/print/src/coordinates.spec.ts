import fc from 'fast-check';
import { placeName, placeOf } from './coordinates';

it.each([
  ['A1', 0, 0],
  ['C12', 2, 11],
  ['Z1', 25, 0],
  ['AA1', 26, 0],
  ['AZ30', 51, 29],
  ['BA1', 52, 0],
  ['ZZ9', 701, 8],
  ['AAA1', 702, 0],
])('%s is column %i and row %i', (name, column, row) => {
  expect(placeName({ column, row })).toBe(name);
  expect(placeOf(name.toLowerCase())).toEqual({ column, row });
});

it('gives every place a name of its own that leads back', () => {
  const index = fc.integer({ min: 0, max: 65_534 });
  fc.assert(
    fc.property(fc.record({ column: index, row: index }), (place) => {
      expect(placeOf(placeName(place))).toEqual(place);
    }),
  );
});

it.each(['', '12', 'C', 'C0', '7C', '12,7', 'C-1', 'ÄB1'])("'%s' is no place", (name) => {
  expect(() => placeOf(name)).toThrow(/no place of a sticker.*such as C12/);
});
