import type { TileProfile, TileSegments } from '@mosaicme/jpeg';
import type { TileSize } from './sizes';

/** Whom a tile belongs to: what a visitor sees when they zoom in on it. */
export interface TileCredit {
  readonly network: string;
  /** Without the leading @. */
  readonly handle: string;
  readonly name?: string | undefined;
  /** The post. Absent for a web upload. */
  readonly link?: string | undefined;
}

/** One photo in the form of a pack. */
export interface PackTile {
  /** The id of the photo: 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** 64-bit perceptual hash. */
  readonly hash: bigint;
  /** Number of the scene that it shows; photos of one scene have the same. 32 bits. */
  readonly scene: number;
  /** Hashes of parts of the whole photo, 64 bits each, as many in all tiles of a pack. */
  readonly sceneHashes: BigUint64Array;
  /** The feature vector, in the feature space of the pack. */
  readonly features: Int16Array;
  /** RGB means of 8 x 8 sub-cells, 192 bytes: from these features of any space can be made anew. */
  readonly subCells: Uint8Array;
  readonly credit: TileCredit;
  readonly segments: Readonly<Record<TileSize, TileSegments>>;
}

/** What a pack holds. */
export interface Pack {
  /** The JPEG tables that all its segments share. */
  readonly profile: TileProfile;
  /** Name of the feature space of the feature vectors; opaque here. */
  readonly featureSpace: string;
  readonly tiles: readonly PackTile[];
}

/** Sub-cells along each side of a tile. */
export const subCellsPerSide = 8;
export const subCellBytes = subCellsPerSide ** 2 * 3;
export const idBytes = 16;
