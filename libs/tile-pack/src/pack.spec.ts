import { codeOf } from '@mosaicme/errors';
import { readProfile, type TileProfile, type TileSegments } from '@mosaicme/jpeg';
import fc from 'fast-check';
import sharp from 'sharp';
import { decodePack, decodePackIndex, decodeSegments } from './decode';
import { encodePack } from './encode';
import type { Pack, PackTile } from './pack';
import { tileSizes, type TileSize } from './sizes';

let profile: TileProfile;
beforeAll(async () => {
  const options = { quality: 85, chromaSubsampling: '4:2:0', optimiseCoding: false };
  const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: '#456' } });
  profile = readProfile(await picture.jpeg(options).toBuffer());
});

/** Segments with any bytes in them: a pack does not look inside. */
const segmentsOf = (size: TileSize): fc.Arbitrary<TileSegments> =>
  fc.array(fc.uint8Array({ minLength: 8, maxLength: 20 }), arrayOf(size / 16)).map((rows) => ({
    size,
    rows: rows.length,
    data: Uint8Array.from(rows.flatMap((row) => [...row])),
    offsets: Uint32Array.from([0, ...rows.map((_, row) => lengthOf(rows.slice(0, row + 1)))]),
    heads: Int32Array.from(
      rows.flatMap((row, index) => [
        ...[row.length * 8, 9, 20, index, -index, 7],
        ...[-7, index, -index],
      ]),
    ),
  }));
const arrayOf = (length: number) => ({ minLength: length, maxLength: length });
const lengthOf = (rows: readonly Uint8Array[]) => rows.reduce((sum, { length }) => sum + length, 0);

const tile: fc.Arbitrary<PackTile> = fc.record({
  id: fc.uint8Array(arrayOf(16)).map((bytes) => Buffer.from(bytes).toString('hex')),
  hash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  scene: fc.nat({ max: 2 ** 32 - 1 }),
  sceneHashes: fc.bigUint64Array(arrayOf(3)),
  features: fc.int16Array(arrayOf(5)),
  subCells: fc.uint8Array(arrayOf(192)),
  credit: fc.record(
    {
      network: fc.constant('mastodon'),
      handle: fc.string({ unit: 'grapheme' }),
      link: fc.webUrl(),
    },
    { requiredKeys: ['network', 'handle'], noNullPrototype: true },
  ),
  segments: fc.record({
    128: segmentsOf(128),
    64: segmentsOf(64),
    32: segmentsOf(32),
    16: segmentsOf(16),
  }),
});
const anyPack: fc.Arbitrary<Pack> = fc.array(tile, { maxLength: 4 }).map((tiles) => ({
  profile,
  featureSpace: 'space/ä',
  tiles,
}));
const someTiles = () => fc.sample(tile, { numRuns: 3, seed: 5 });
const somePack = (): Pack => ({ profile, featureSpace: 'space/ä', tiles: someTiles() });

const codeFrom = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return codeOf(error);
  }
  return 'no error';
};

describe('a tile pack', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        expect(decodePack(encodePack(pack).bytes, 'p')).toEqual(pack);
      }),
      { numRuns: 30 },
    );
  });

  it('gives its index from its first bytes alone', () => {
    const pack = somePack();
    const { bytes, indexBytes } = encodePack(pack);
    const index = decodePackIndex(bytes.slice(0, indexBytes), 'p');
    expect(index).toMatchObject({
      count: 3,
      profile,
      featureSpace: 'space/ä',
      ids: pack.tiles.map(({ id }) => id),
      hashes: BigUint64Array.from(pack.tiles, ({ hash }) => hash),
    });
    expect(index.credit(2)).toEqual(pack.tiles[2]!.credit);
    expect([...index.features.subarray(5, 10)]).toEqual([...pack.tiles[1]!.features]);
    expect(indexBytes).toBeLessThan(bytes.length);
  });

  it.each(tileSizes)('gives the segments of %i px from their section alone', (size) => {
    const pack = somePack();
    const { bytes, indexBytes } = encodePack(pack);
    const section = decodePackIndex(bytes.slice(0, indexBytes), 'p').segments[size];
    const segments = decodeSegments(bytes.slice(section.start, section.end), section, 3, 'p');
    pack.tiles.forEach((expected, index) => {
      expect(segments.tile(index)).toEqual(expected.segments[size]);
    });
    expect(() => segments.tile(3)).toThrow('has 3 tiles, none at 3');
  });

  it('is refused when any byte of it is wrong', () => {
    const { bytes } = encodePack(somePack());
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice();
        changed[at]! ^= change;
        expect(['pack.damaged', 'pack.version']).toContain(
          codeFrom(() => decodePack(changed, 'p')),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when it ends early', () => {
    const { bytes } = encodePack(somePack());
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(codeFrom(() => decodePack(bytes.slice(0, length), 'p'))).toBe('pack.damaged');
      }),
    );
  });

  it('names pack and section when it is damaged', () => {
    const { bytes } = encodePack(somePack());
    const section = decodePackIndex(bytes, 'p').segments[32];
    bytes[section.start + 40]! ^= 1;
    expect(() => decodePack(bytes, 'packs/abc.mmtp')).toThrow(
      "The tile pack packs/abc.mmtp is damaged in its section '32'",
    );
  });

  it('of another version says so', () => {
    const { bytes } = encodePack(somePack());
    bytes[4] = 1;
    expect(() => decodePackIndex(bytes, 'p')).toThrow('has version 1, but this program reads 2');
  });

  it('has the same bytes for the same content, so that its hash can name it', () => {
    const pack = somePack();
    expect(encodePack(pack).bytes).toEqual(
      encodePack(decodePack(encodePack(pack).bytes, 'p')).bytes,
    );
  });

  it.each<[string, (tile: PackTile) => PackTile, string]>([
    ['an id that is none', (tile) => ({ ...tile, id: 'x' }), "The tile id 'x'"],
    ['too few sub-cells', (tile) => ({ ...tile, subCells: new Uint8Array(48) }), 'not 192'],
    ['other features', (tile) => ({ ...tile, features: new Int16Array(6) }), 'the pack has 5'],
  ])('does not take a tile with %s', (_name, change, message) => {
    const [first, second] = someTiles();
    const tiles = [first!, change(second!)];
    expect(() => encodePack({ profile, featureSpace: 's', tiles })).toThrow(message);
  });
});
