/** The format of tile packs and of the manifest that lists them: pure functions over bytes. */
export {
  decodePack,
  decodePackDirectory,
  decodePackIndex,
  decodeSegments,
  directoryBytes,
  positionBytes,
  readPositions,
  type PackDirectory,
  type PackIndex,
  type PackSegments,
} from './decode';
export { encodePack } from './encode';
export type { Section } from './layout';
export {
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
export { subCellsPerSide, type Pack, type PackTile, type TileCredit } from './pack';
export {
  bySize,
  largeTileSizes,
  tileSizes,
  type DrawnSize,
  type LargeTileSize,
  type TileSize,
} from './sizes';
