import type { SceneHashes } from '@mosaicme/imaging';

/** Photos show one scene when the whole of one is that near, in bits of 64, to a part of the other. */
const sameSceneBits = 10;

/**
 * Six chunks of 10 or 11 bits: two hashes that differ in at most 10 bits differ in at most one bit of some
 * chunk. Each chunk is a key into a table, and a look-up tries the 12 keys that near.
 *
 * @see M. Norouzi, A. Punjani, D. Fleet, Fast Search in Hamming Space with Multi-Index Hashing (2012)
 */
const chunks = [11, 11, 10, 11, 11, 10];
const mostNeighbours = 11;

/** The hash of what has no structure to tell a scene by. */
const noScene = 0n;

/** Finds the scene of a photo among those of known ones. */
export interface SceneIndex {
  /** @param parts Hashes of the parts of a photo, the whole first (`SceneHashes.parts`). */
  add(scene: number, parts: BigUint64Array): void;
  /** The scene of a known photo that is a crop or a mirror image of this one, or the other way round. */
  find(hashes: SceneHashes): number | undefined;
}

/**
 * @param photos How many are in it is up to the caller: with 100,000 a look-up takes about a millisecond.
 */
export function createSceneIndex(): SceneIndex {
  const wholes = createHashIndex();
  const parts = createHashIndex();
  return {
    add(scene, hashes) {
      const [whole = noScene] = hashes;
      if (whole === noScene) return;
      wholes.add(scene, whole);
      for (const hash of hashes) if (hash !== noScene) parts.add(scene, hash);
    },
    find({ parts: own, mirrored }) {
      const [whole = noScene] = own;
      if (whole === noScene) return undefined;
      const found = parts.find(whole) ?? parts.find(mirrored[0] ?? whole);
      if (found !== undefined) return found;
      for (const hash of [...own, ...mirrored]) {
        if (hash === noScene) continue;
        const scene = wholes.find(hash);
        if (scene !== undefined) return scene;
      }
      return undefined;
    },
  };
}

/** Finds hashes within `sameSceneBits` of a given one. */
function createHashIndex() {
  const scenes: number[] = [];
  const highs: number[] = [];
  const lows: number[] = [];
  const tables = chunks.map((bits) => new Array<number[] | undefined>(2 ** bits));

  return {
    add(scene: number, hash: bigint): void {
      const [high, low] = halves(hash);
      const entry = scenes.push(scene) - 1;
      highs.push(high);
      lows.push(low);
      chunksOf(high, low).forEach((key, table) => (tables[table]![key] ??= []).push(entry));
    },

    find(hash: bigint): number | undefined {
      const [high, low] = halves(hash);
      const keys = chunksOf(high, low);
      for (const [table, key] of keys.entries()) {
        for (let bit = -1; bit < Math.min(mostNeighbours, chunks[table]!); bit++) {
          const near = bit < 0 ? key : key ^ (1 << bit);
          for (const entry of tables[table]![near] ?? []) {
            if (bitCount(highs[entry]! ^ high) + bitCount(lows[entry]! ^ low) <= sameSceneBits) {
              return scenes[entry];
            }
          }
        }
      }
      return undefined;
    },
  };
}

const halves = (hash: bigint): [number, number] => [
  Number(hash >> 32n) | 0,
  Number(hash & 0xffffffffn) | 0,
];

/** The chunks of a hash: three of each half. */
const chunksOf = (high: number, low: number): number[] =>
  [high, low].flatMap((half) => [half >>> 21, (half >>> 10) & 0x7ff, half & 0x3ff]);

/** Set bits of a 32-bit number (H. Warren, Hacker's Delight, 5-1). */
function bitCount(value: number): number {
  let sum = value - ((value >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
