import fc from 'fast-check';
import { seededRandom, shuffledIndices } from './index';

const taken = (seed: number, count: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('seededRandom', () => {
  it('gives the numbers of mulberry32', () => {
    expect(taken(1, 3).map((number) => number * 2 ** 32)).toEqual([
      2693262067, 11749833, 2265367787,
    ]);
  });

  it('stays in [0, 1) and repeats itself for every seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const numbers = taken(seed, 20);
        expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
        expect(taken(seed, 20)).toEqual(numbers);
      }),
    );
  });

  it('gives other numbers for another seed', () => {
    expect(taken(1, 5)).not.toEqual(taken(2, 5));
  });
});

describe('shuffledIndices', () => {
  it('contains every index once, in an order that the seed repeats', () => {
    fc.assert(
      fc.property(fc.integer({ max: 200, min: 0 }), fc.integer(), (count, seed) => {
        const order = shuffledIndices(count, seed);
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        expect(shuffledIndices(count, seed)).toEqual(order);
      }),
    );
  });

  it('depends on the seed', () => {
    expect(shuffledIndices(50, 1)).not.toEqual(shuffledIndices(50, 2));
  });
});
