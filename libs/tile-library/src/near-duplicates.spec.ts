import fc from 'fast-check';
import {
  createNearDuplicateIndex,
  likenessOf,
  looksTheSame,
  type Likeness,
} from './near-duplicates';

const grey: Likeness['colour'] = [128, 128, 128];

/** Hashes around a few centres, so that near ones are common. */
const hashes = fc
  .tuple(
    fc.constantFrom(0n, 0xffff0000ffff0000n, 2n ** 64n - 1n),
    fc.array(fc.nat(63), { maxLength: 14 }),
  )
  .map(([centre, flips]) => flips.reduce((hash, bit) => hash ^ (1n << BigInt(bit)), centre));

describe('the index of near-duplicates', () => {
  it('finds what comparing with all finds', () => {
    fc.assert(
      fc.property(
        fc.array(hashes, { maxLength: 30 }),
        hashes,
        fc.nat(12),
        (stored, sought, bits) => {
          const index = createNearDuplicateIndex(bits);
          stored.forEach((hash, number) => index.add(`${number}`, { hash, colour: grey }));
          const likeness = { hash: sought, colour: grey };
          const expected = stored.some((hash) =>
            looksTheSame({ hash, colour: grey }, likeness, bits),
          );
          const found = index.find(likeness, () => true);
          expect(found !== undefined).toBe(expected);
          if (found === undefined) return;
          const hash = stored[Number(found)]!;
          expect(looksTheSame({ hash, colour: grey }, likeness, bits)).toBe(true);
        },
      ),
    );
  });

  it('looks at few of many pictures', () => {
    const index = createNearDuplicateIndex(6);
    let state = 1n;
    const next = () => (state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n);
    for (let number = 0; number < 20_000; number++)
      index.add(`${number}`, { hash: next(), colour: grey });
    expect(index.candidates({ hash: next(), colour: grey })).toBeLessThan(20_000 / 100);
  });

  it('skips pictures that are not accepted', () => {
    const index = createNearDuplicateIndex(4);
    index.add('gone', { hash: 7n, colour: grey });
    index.add('there', { hash: 6n, colour: grey });
    expect(index.find({ hash: 7n, colour: grey }, (id) => id !== 'gone')).toBe('there');
  });

  it('tells plain pictures of different colours apart', () => {
    const plain = (red: number) => likenessOf(0n, Uint8Array.from([red, 10, 10, red, 10, 10]));
    expect(plain(200).colour).toEqual([200, 10, 10]);
    expect(looksTheSame(plain(200), plain(210), 0)).toBe(true);
    expect(looksTheSame(plain(200), plain(100), 0)).toBe(false);
  });

  it.each([
    [0b1111n, 4, true],
    [0b11111n, 4, false],
    [2n ** 63n, 0, false],
    [0n, 0, true],
  ])('counts the bits in which %s differs from 0 (at most %i)', (hash, bits, expected) => {
    expect(looksTheSame({ hash, colour: grey }, { hash: 0n, colour: grey }, bits)).toBe(expected);
  });
});
