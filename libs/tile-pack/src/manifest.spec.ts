import fc from 'fast-check';
import {
  addPack,
  decodeManifest,
  emptyManifest,
  encodeManifest,
  planMerge,
  removeTiles,
  replacePacks,
  type Manifest,
  type PackEntry,
} from './manifest';

let packs = 0;
function entry(tiles: number): PackEntry {
  const hash = (packs++).toString(16).padStart(64, '0');
  return { key: `packs/${hash}.mmtp`, hash, tiles, bytes: tiles * 100, indexBytes: tiles };
}
const withPacks = (...tiles: number[]): Manifest => tiles.map(entry).reduce(addPack, emptyManifest);

describe('the manifest', () => {
  it('reads back as it was written', () => {
    const manifest = removeTiles(withPacks(3, 256), ['a'.repeat(32)]);
    expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another version', '{"version":2,"revision":0,"packs":[],"removed":[]}'],
    ['no revision', '{"version":1,"packs":[],"removed":[]}'],
    ['packs without fields', '{"version":1,"revision":1,"packs":[{}],"removed":[]}'],
    [
      'a hash that leaves its folder',
      '{"version":1,"revision":1,"packs":[{"key":"k","hash":"../x","tiles":1,"bytes":1,"indexBytes":1}],"removed":[]}',
    ],
    ['removed photos that are no ids', '{"version":1,"revision":1,"packs":[],"removed":[1]}'],
  ])('is refused when it is %s', (_name, text) => {
    expect(() => decodeManifest(new TextEncoder().encode(text))).toThrow(
      'The manifest of the tile library cannot be read',
    );
  });

  it('counts every change, and only changes', () => {
    const pack = entry(5);
    const one = addPack(emptyManifest, pack);
    expect(one.revision).toBe(1);
    expect(addPack(one, pack)).toBe(one);
    const two = removeTiles(one, ['x', 'y']);
    expect(two).toMatchObject({ revision: 2, removed: ['x', 'y'] });
    expect(removeTiles(two, ['y'])).toBe(two);
    expect(removeTiles(two, ['y', 'z']).removed).toEqual(['x', 'y', 'z']);
  });

  it('takes a merged pack only in the place of packs that are still listed', () => {
    const manifest = withPacks(1, 2, 3);
    const [first, second, third] = manifest.packs;
    const merged = entry(3);
    const hashes = [first!.hash, second!.hash];
    const after = replacePacks(manifest, hashes, merged);
    expect(after?.packs).toEqual([third, merged]);
    expect(replacePacks(after!, hashes, entry(3))).toBeUndefined();
    expect(replacePacks(manifest, hashes, undefined)?.packs).toEqual([third]);
  });
});

describe('planMerge', () => {
  const packSize = 256;

  it.each([
    ['three single photos', [1, 1, 1], undefined],
    ['four single photos', [1, 1, 1, 1], [1, 1, 1, 1]],
    ['four of one tier among others', [256, 5, 1, 7, 4, 256, 15], [5, 7, 4, 15]],
    ['the lowest tier first', [4, 4, 4, 4, 3, 1, 2, 1], [3, 1, 2, 1]],
    ['full packs', [256, 256, 256, 256, 256], undefined],
    ['packs of a quarter and more', [64, 64, 64, 64, 100], undefined],
  ])('of %s', (_name, tiles, expected) => {
    expect(planMerge(withPacks(...tiles), packSize)?.map((pack) => pack.tiles)).toEqual(expected);
  });

  it('keeps a trickle of any size in few packs, with little rewriting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 }), (sizes) => {
        let manifest = emptyManifest;
        let rewritten = 0;
        for (const tiles of sizes) {
          manifest = addPack(manifest, entry(tiles));
          for (
            let plan = planMerge(manifest, packSize);
            plan;
            plan = planMerge(manifest, packSize)
          ) {
            const merged = plan.reduce((sum, pack) => sum + pack.tiles, 0);
            expect(merged).toBeLessThanOrEqual(packSize);
            rewritten += merged;
            const hashes = plan.map(({ hash }) => hash);
            manifest = replacePacks(manifest, hashes, entry(merged))!;
          }
        }
        const total = sizes.reduce((sum, tiles) => sum + tiles, 0);
        expect(manifest.packs.reduce((sum, pack) => sum + pack.tiles, 0)).toBe(total);
        // Three tiers of at most three packs each, and packs of at least a quarter of the full size.
        expect(manifest.packs.length).toBeLessThanOrEqual(9 + total / (packSize / 4));
        expect(rewritten).toBeLessThanOrEqual(3 * total);
      }),
    );
  });
});
