import { PermanentError } from '@mosaicme/errors';
import type { TileProfile, TileSegments } from '@mosaicme/jpeg';
import {
  featureLength,
  type Features,
  type FeatureSpace,
  type PreparedLibrary,
} from '@mosaicme/mosaic';
import type { TileCredit, TileSize } from '@mosaicme/tile-pack';
import type { FeaturePreparer } from './feature-preparer';
import type { KnownPack, SectionStore } from './section-store';

/** The tiles of one moment, by their index. It never changes, so indexes stay valid while it is used. */
export interface TileSet {
  /** Revision of the manifest. */
  readonly revision: number;
  /** How many tiles. */
  readonly size: number;
  /** The ids of their photos, 32 hexadecimal digits each. */
  readonly ids: readonly string[];
  /**
   * The number of the scene that each tile shows. Photos of one scene have the same: near-duplicates, crops
   * and mirror images of one another.
   */
  readonly scenes: Uint32Array;
  /** One feature vector a tile. */
  readonly features: Features;
  /** The features made searchable, which is done when first asked for. */
  readonly prepared: PreparedLibrary;
  /** The index of a photo's tile, undefined when it is not in the library. */
  indexOf(id: string): number | undefined;
  /** Whom the tile of a photo belongs to. */
  credit(id: string): TileCredit | undefined;
  /**
   * Makes the segments of one size ready for `segments`.
   * @throws PermanentError `tiles.memory-budget`; TransientError when a pack cannot be had now.
   */
  load(size: TileSize): Promise<void>;
  /** The JPEG tables that all tiles share. @throws PermanentError `tiles.empty` */
  profile(size: TileSize): TileProfile;
  /** The segments of one tile. Load the size first. @throws TransientError `tiles.not-loaded` */
  segments(index: number, size: TileSize): TileSegments;
}

/** A pack with its feature vectors in the library's space. */
export interface FeaturedPack extends KnownPack {
  readonly features: Int16Array;
}

/**
 * Lines up the live tiles of all packs, in the order of the packs; removed ones are left out.
 *
 * A library grows by small packs beside hundreds of old ones, so this only copies what is ready, pack by
 * pack, and leaves the rest until somebody asks.
 */
export function createTileSet(
  revision: number,
  packs: readonly FeaturedPack[],
  removed: ReadonlySet<string>,
  space: FeatureSpace,
  sections: SectionStore,
  prepare: FeaturePreparer,
): TileSet {
  const liveRows = packs.map(({ index }) => rowsLeft(index.ids, removed));
  /** Index of the first tile of each pack, and at the end how many tiles there are. */
  const starts = [0];
  for (const rows of liveRows) starts.push(starts.at(-1)! + rows.length);
  const size = starts.at(-1)!;

  const ids = packs.flatMap(({ index }, pack) =>
    liveRows[pack]!.length === index.count
      ? index.ids
      : Array.from(liveRows[pack]!, (row) => index.ids[row]!),
  );
  const scenes = new Uint32Array(size);
  packs.forEach(({ index }, pack) => {
    liveRows[pack]!.forEach((row, at) => {
      scenes[starts[pack]! + at] = index.scenes[row]!;
    });
  });
  const length = featureLength(space);
  const values = new Int16Array(size * length);
  packs.forEach(({ features, index }, pack) => {
    const rows = liveRows[pack]!;
    const start = starts[pack]!;
    if (rows.length === index.count) {
      values.set(features, start * length);
      return;
    }
    rows.forEach((row, at) => {
      values.set(features.subarray(row * length, (row + 1) * length), (start + at) * length);
    });
  });

  const tileFeatures: Features = { space, count: size, values };
  let prepared: PreparedLibrary | undefined;

  let indexes: Map<string, number> | undefined;
  function indexOf(id: string): number | undefined {
    indexes ??= new Map(ids.map((each, index) => [each, index]));
    return indexes.get(id);
  }

  function placeOf(index: number): { pack: FeaturedPack; row: number } {
    if (!(index >= 0 && index < size)) {
      throw new RangeError(`There are ${size} tiles, none with the index ${index}.`);
    }
    const pack = lastNotAbove(starts, index);
    return { pack: packs[pack]!, row: liveRows[pack]![index - starts[pack]!]! };
  }

  return {
    revision,
    size,
    ids,
    scenes,
    features: tileFeatures,
    get prepared() {
      return (prepared ??= prepare(ids, tileFeatures));
    },
    indexOf,
    credit(id) {
      const index = indexOf(id);
      if (index === undefined) return undefined;
      const { pack, row } = placeOf(index);
      return pack.index.credit(row);
    },
    load: (tileSize) => sections.load(packs, tileSize),
    profile() {
      const profile = packs[0]?.index.profile;
      if (!profile) throw emptyLibrary();
      return profile;
    },
    segments(index, tileSize) {
      const { pack, row } = placeOf(index);
      return sections.segments(pack, row, tileSize);
    },
  };
}

function rowsLeft(ids: readonly string[], removed: ReadonlySet<string>): Uint32Array {
  const all = Uint32Array.from(ids.keys());
  return removed.size === 0 ? all : all.filter((row) => !removed.has(ids[row]!));
}

/** Position of the last of the ascending numbers that is not above `value`. */
function lastNotAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}

const emptyLibrary = () =>
  new PermanentError(
    'tiles.empty',
    'The tile library is empty; collect raw photos first, or index a folder of photos.',
  );
