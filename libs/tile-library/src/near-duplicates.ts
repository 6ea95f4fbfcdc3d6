import { hammingDistance } from '@mosaicme/imaging';

/** What is compared: a perceptual hash, and the mean colour so that two plain walls stay two. */
export interface Likeness {
  /** 64 bits. */
  readonly hash: bigint;
  /** Mean R, G, B of the tile, 0 to 255. */
  readonly colour: readonly [number, number, number];
}

/** Largest difference in each channel of the mean colours of near-duplicates. */
const colourTolerance = 24;

const chunkCount = 4;
const chunkBits = 16;

/**
 * Finds pictures whose hashes differ in at most `maxBits` of 64 bits, without comparing with all.
 *
 * Multi-index hashing: two hashes that differ in at most r bits differ in at most floor(r / 4) bits in
 * one of their four 16-bit chunks. So each chunk is a key into a table, and a look-up tries the few keys
 * that near. With 100,000 pictures and 6 bits that is 68 keys and about 100 comparisons.
 *
 * @param maxBits 0 to 32; 0 finds equal hashes only.
 * @see M. Norouzi, A. Punjani, D. Fleet, Fast Search in Hamming Space with Multi-Index Hashing (2012)
 */
export function createNearDuplicateIndex(maxBits: number) {
  const entries: { id: string; likeness: Likeness }[] = [];
  const tables = Array.from({ length: chunkCount }, () => new Map<number, number[]>());
  const masks = masksUpTo(Math.floor(maxBits / chunkCount));

  /** The entries that have a chunk near one of these; an entry may come more than once. */
  function* near({ hash }: Likeness): Generator<number> {
    for (const [table, chunk] of chunksOf(hash).entries()) {
      for (const mask of masks) yield* tables[table]!.get(chunk ^ mask) ?? [];
    }
  }

  return {
    add(id: string, likeness: Likeness): void {
      const index = entries.push({ id, likeness }) - 1;
      chunksOf(likeness.hash).forEach((chunk, table) => {
        const bucket = tables[table]!.get(chunk);
        if (bucket) bucket.push(index);
        else tables[table]!.set(chunk, [index]);
      });
    },

    /** The id of an accepted picture that looks the same, undefined when there is none. */
    find(likeness: Likeness, accept: (id: string) => boolean): string | undefined {
      for (const index of near(likeness)) {
        const entry = entries[index]!;
        if (looksTheSame(entry.likeness, likeness, maxBits) && accept(entry.id)) return entry.id;
      }
      return undefined;
    },

    /** How many comparisons a look-up takes. */
    candidates: (likeness: Likeness): number => [...near(likeness)].length,
  };
}
export type NearDuplicateIndex = ReturnType<typeof createNearDuplicateIndex>;

/** Are two pictures near-duplicates? */
export function looksTheSame(first: Likeness, second: Likeness, maxBits: number): boolean {
  const sameColour = first.colour.every(
    (value, channel) => Math.abs(value - second.colour[channel]!) <= colourTolerance,
  );
  return sameColour && hammingDistance(first.hash, second.hash) <= maxBits;
}

/** The likeness of a tile by its hash and the means of its sub-cells (R, G, B each). */
export function likenessOf(hash: bigint, subCells: Uint8Array): Likeness {
  const sums: [number, number, number] = [0, 0, 0];
  subCells.forEach((value, index) => (sums[(index % 3) as 0 | 1 | 2] += value));
  const cells = subCells.length / 3;
  return { hash, colour: [sums[0] / cells, sums[1] / cells, sums[2] / cells] };
}

function chunksOf(hash: bigint): number[] {
  return Array.from({ length: chunkCount }, (_, chunk) =>
    Number(BigInt.asUintN(chunkBits, hash >> BigInt(chunk * chunkBits))),
  );
}

/** All 16-bit numbers with at most `ones` bits set. */
function masksUpTo(ones: number): number[] {
  const masks = new Set([0]);
  for (let count = 0; count < ones; count++) {
    for (const mask of [...masks]) {
      for (let bit = 0; bit < chunkBits; bit++) masks.add(mask ^ (1 << bit));
    }
  }
  return [...masks];
}
