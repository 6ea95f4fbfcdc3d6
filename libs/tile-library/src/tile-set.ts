import { PermanentError } from '@mosaicme/errors';
import type { TileProfile, TileSegments } from '@mosaicme/jpeg';
import { featureLength, type Features, type FeatureSpace } from '@mosaicme/mosaic';
import type { TileCredit, TileSize } from '@mosaicme/tile-pack';
import type { KnownPack, SectionStore } from './section-store';

/** The tiles of one moment, by their index. It never changes, so indexes stay valid while it is used. */
export interface TileSet {
  /** Revision of the manifest. */
  readonly revision: number;
  /** How many tiles. */
  readonly size: number;
  /** The ids of their photos, 32 hexadecimal digits each. */
  readonly ids: readonly string[];
  /** One feature vector a tile. */
  readonly features: Features;
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
 * Lines up the live tiles of all packs: removed ones are left out, and of a photo that stands in two packs
 * (for the moment between a merge and the removal of the old packs) only one is taken.
 */
export function createTileSet(
  revision: number,
  packs: readonly FeaturedPack[],
  removed: ReadonlySet<string>,
  space: FeatureSpace,
  sections: SectionStore,
): TileSet {
  const places = new Map<string, { pack: FeaturedPack; row: number; index: number }>();
  for (const pack of packs) {
    pack.index.ids.forEach((id, row) => {
      if (!removed.has(id) && !places.has(id)) places.set(id, { pack, row, index: places.size });
    });
  }
  const byIndex = [...places.values()];
  const length = featureLength(space);
  const values = new Int16Array(byIndex.length * length);
  byIndex.forEach(({ pack, row }, index) => {
    values.set(pack.features.subarray(row * length, (row + 1) * length), index * length);
  });

  return {
    revision,
    size: byIndex.length,
    ids: [...places.keys()],
    features: { space, count: byIndex.length, values },
    indexOf: (id) => places.get(id)?.index,
    credit(id) {
      const place = places.get(id);
      return place?.pack.index.credit(place.row);
    },
    load: (size) => sections.load(packs, size),
    profile() {
      const profile = packs[0]?.index.profile;
      if (!profile) throw emptyLibrary();
      return profile;
    },
    segments(index, size) {
      const place = byIndex[index];
      if (!place) {
        throw new RangeError(`There are ${byIndex.length} tiles, none with the index ${index}.`);
      }
      return sections.segments(place.pack, place.row, size);
    },
  };
}

const emptyLibrary = () =>
  new PermanentError(
    'tiles.empty',
    'The tile library is empty; collect raw photos first, or index a folder of photos.',
  );
