import type { Photo } from '@mosaicme/contracts';
import type { TileImages } from '@mosaicme/imaging';
import { readProfile, sameProfile, transcodeTile, type TileProfile } from '@mosaicme/jpeg';
import type { FeatureSpace } from '@mosaicme/mosaic';
import { bySize, type PackTile, type TileCredit } from '@mosaicme/tile-pack';
import { featuresOfSubCells } from './feature-space';

/** What the appender needs to know of a photo. */
export type TilePhoto = Pick<Photo, 'id' | 'network' | 'author' | 'link'>;

/** A tile in the form of a pack, with the tables that its pack must have. */
export interface PreparedTile {
  readonly tile: PackTile;
  readonly profile: TileProfile;
}

/**
 * Brings photos' pictures into the form of a pack.
 *
 * Returns a function that throws PermanentError `jpeg.*` for pictures that are not what libs/imaging
 * makes. It hands out one profile object as long as the tables stay the same, because libs/jpeg prepares
 * its look-up tables once for each object.
 */
export function createTilePreparer(space: FeatureSpace) {
  let shared: TileProfile | undefined;

  return (photo: TilePhoto, { jpegs, subCells, hash, scene }: TileImages): PreparedTile => {
    const own = readProfile(jpegs[128]);
    const profile = shared && sameProfile(shared, own) ? shared : own;
    shared = profile;
    const tile: PackTile = {
      id: photo.id,
      hash,
      scene: sceneOfItsOwn(photo.id),
      sceneHashes: scene.parts,
      subCells: subCells[8].data,
      features: featuresOfSubCells(subCells[8].data, space),
      credit: creditOf(photo),
      segments: bySize((size) => transcodeTile(jpegs[size], profile)),
    };
    return { tile, profile };
  };
}

/** The number of the scene that no other photo of the library shows. @param id 32 hexadecimal digits. */
const sceneOfItsOwn = (id: string): number => Number.parseInt(id.slice(-8), 16);

function creditOf({ network, author, link }: TilePhoto): TileCredit {
  return { network, handle: author.handle, name: author.name, link };
}
