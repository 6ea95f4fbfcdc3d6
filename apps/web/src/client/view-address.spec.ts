import fc from 'fast-check';
import { addressOf, readAddress } from './view-address';

it('reads back the view that it wrote', () => {
  const part = fc.double({ min: 0, max: 4, noNaN: true });
  const zoom = fc.double({ min: 0.1, max: 500, noNaN: true });
  fc.assert(
    fc.property(part, part, zoom, (x, y, by) => {
      const read = readAddress(addressOf({ x, y, zoom: by }))!;
      expect(read.x).toBeCloseTo(x, 4);
      expect(read.y).toBeCloseTo(y, 4);
      expect(read.zoom).toBeCloseTo(by, 2);
    }),
  );
});

it.each(['', '#', '#main', '#x=1&y=2', '#x=&y=2&zoom=3', '#x=a&y=2&zoom=3', '#x=1&y=2&zoom=0'])(
  'finds no view in %j',
  (hash) => {
    expect(readAddress(hash)).toBeUndefined();
  },
);
