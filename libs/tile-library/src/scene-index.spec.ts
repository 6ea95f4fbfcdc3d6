import fc from 'fast-check';
import { createSceneIndex } from './scene-index';

const hash = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
/** A mask of so many bits. */
const mask = (count: number) =>
  fc
    .uniqueArray(fc.nat({ max: 63 }), { minLength: count, maxLength: count })
    .map((bits) => bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n));

const photo = (parts: readonly bigint[], mirrored: readonly bigint[] = parts) => ({
  parts: BigUint64Array.from(parts),
  mirrored: BigUint64Array.from(mirrored),
});

describe('a scene index', () => {
  it('finds whatever is within ten bits, as the whole of one and a part of the other', () => {
    fc.assert(
      fc.property(
        fc.array(hash, { minLength: 3, maxLength: 3 }),
        hash,
        fc.nat({ max: 2 }),
        fc.nat({ max: 10 }).chain(mask),
        (parts, other, part, bits) => {
          const near = parts[part]! ^ bits;
          fc.pre(near !== 0n);
          const index = createSceneIndex();
          index.add(7, BigUint64Array.from(parts));
          expect(index.find(photo([near, other]))).toBe(7);
          expect(index.find(photo([other], [near]))).toBe(7);
          const reversed = createSceneIndex();
          reversed.add(7, BigUint64Array.from([near, other]));
          expect(reversed.find(photo([other, ...parts]))).toBe(7);
        },
      ),
    );
  });

  it('finds nothing that is farther', () => {
    fc.assert(
      fc.property(hash, fc.integer({ min: 11, max: 53 }).chain(mask), (whole, bits) => {
        fc.pre((whole ^ bits) !== 0n);
        const index = createSceneIndex();
        index.add(7, BigUint64Array.of(whole));
        expect(index.find(photo([whole ^ bits]))).toBeUndefined();
      }),
    );
  });

  it('does not take two plain walls for one scene', () => {
    const index = createSceneIndex();
    index.add(7, BigUint64Array.of(0n, 0n));
    expect(index.find(photo([0n, 0n]))).toBeUndefined();
  });
});
