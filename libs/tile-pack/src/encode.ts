import { encodeProfile, encodeTileSegments } from '@mosaicme/jpeg';
import { encodeList, joinSections } from './layout';
import { idBytes, subCellBytes, type Pack, type PackTile } from './pack';
import { bySize, type TileSize } from './sizes';

/**
 * Writes a pack. The same content always gives the same bytes, so a hash of them can name the pack.
 *
 * @returns The bytes, and how many of them are the index part.
 * @throws RangeError when a tile does not have the shape of the pack.
 */
export function encodePack(pack: Pack): {
  readonly bytes: Uint8Array;
  readonly indexBytes: number;
} {
  const { profile, featureSpace, tiles } = pack;
  tiles.forEach((tile) => checkShape(tile, tiles[0]!));
  const segments = (size: TileSize) =>
    encodeList(tiles.map((tile) => encodeTileSegments(tile.segments[size])));
  const text = new TextEncoder();
  return joinSections(tiles.length, {
    profile: encodeProfile(profile),
    space: text.encode(featureSpace),
    ids: encodeIds(tiles),
    hashes: encodeHashes(tiles.map(({ hash }) => hash)),
    scenes: encodeScenes(tiles),
    parts: encodeHashes(tiles.flatMap(({ sceneHashes }) => [...sceneHashes])),
    features: encodeFeatures(tiles),
    cells: concatenate(tiles.map(({ subCells }) => subCells)),
    credits: encodeList(tiles.map(({ credit }) => text.encode(JSON.stringify(credit)))),
    ...bySize(segments),
  });
}

function checkShape(tile: PackTile, first: PackTile): void {
  if (!/^[0-9a-f]{32}$/.test(tile.id)) {
    throw new RangeError(`The tile id '${tile.id}' is not 32 lower-case hexadecimal digits.`);
  }
  if (tile.subCells.length !== subCellBytes) {
    throw new RangeError(`Tile ${tile.id} has ${tile.subCells.length} sub-cell bytes, not 192.`);
  }
  if (tile.sceneHashes.length !== first.sceneHashes.length) {
    throw new RangeError(
      `Tile ${tile.id} has ${tile.sceneHashes.length} scene hashes, the pack has ${first.sceneHashes.length}.`,
    );
  }
  if (tile.features.length !== first.features.length) {
    throw new RangeError(
      `Tile ${tile.id} has ${tile.features.length} features, the pack has ${first.features.length}.`,
    );
  }
}

function encodeIds(tiles: readonly PackTile[]): Uint8Array {
  const bytes = new Uint8Array(tiles.length * idBytes);
  tiles.forEach(({ id }, index) => {
    for (let at = 0; at < idBytes; at++) {
      bytes[index * idBytes + at] = Number.parseInt(id.slice(at * 2, at * 2 + 2), 16);
    }
  });
  return bytes;
}

function encodeHashes(hashes: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 8);
  const view = new DataView(bytes.buffer);
  hashes.forEach((hash, index) => view.setBigUint64(index * 8, hash, true));
  return bytes;
}

function encodeScenes(tiles: readonly PackTile[]): Uint8Array {
  const bytes = new Uint8Array(tiles.length * 4);
  const view = new DataView(bytes.buffer);
  tiles.forEach(({ scene }, index) => view.setUint32(index * 4, scene, true));
  return bytes;
}

function encodeFeatures(tiles: readonly PackTile[]): Uint8Array {
  const length = tiles[0]?.features.length ?? 0;
  const bytes = new Uint8Array(tiles.length * length * 2);
  const view = new DataView(bytes.buffer);
  tiles.forEach(({ features }, tile) => {
    features.forEach((value, index) => view.setInt16((tile * length + index) * 2, value, true));
  });
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
